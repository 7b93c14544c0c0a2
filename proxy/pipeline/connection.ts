// A client's connection as its exchanges know it: one object for all of them.

export interface Connection {
  /** Counts from 1 in each worker process; 0: there is none (a dry run, a fetch of our own). */
  readonly number: number
  /** The other end: the socket's, or the one that a PROXY header names. */
  readonly peer: string
  /** 0: not known. */
  readonly peerPort: number
  /** Where the client had connected to. */
  readonly localAddress: string
  readonly localPort: number
  /** False: somebody speaks through the peer and it is not said who, so nobody's word for a client counts. */
  readonly named: boolean
}

export const NO_CONNECTION: Connection = {
  number: 0,
  peer: '',
  peerPort: 0,
  localAddress: '',
  localPort: 0,
  named: true,
}
