// How long an upstream may be silent, by what kind of request it was asked: pure figures.
import { grpcTimeoutMs, isGrpc } from '../../../lib/grpc.ts'
import type { Headers } from '../../../lib/headers.ts'

export interface StreamTimes {
  connectMs: number
  responseMs: number
  idleMs: number
  /** Idle limit of event streams and gRPC, which are silent for long. */
  tunnelMs: number
}

export class Patience {
  /** Between two pieces of the reply, or of both bodies. */
  readonly quietMs: number
  readonly #responseMs: number
  readonly #whileSendingMs: number

  constructor(headers: Headers, eventStream: boolean, times: StreamTimes) {
    const grpc = isGrpc(headers)
    // A quiet event stream is well: it asks for the long limit in its Accept field. So does a gRPC stream.
    const stream = grpc || eventStream
    this.quietMs = stream ? times.tunnelMs : times.idleMs
    // A gRPC client says how long it will wait; without that the route's limit holds.
    const asked = grpc ? grpcTimeoutMs(headers) : -1
    this.#responseMs = asked < 0 ? times.responseMs : Math.min(asked, times.tunnelMs)
    this.#whileSendingMs = grpc ? times.tunnelMs : times.responseMs
  }

  /** @param sent the request is whole: from now on it is the upstream's turn */
  untilHeadMs(sent: boolean): number {
    return sent ? this.#responseMs : this.#whileSendingMs
  }
}
