// A plain listener whose connections read into our buffers: net.Server has no way to ask that of the sockets it makes.
import { createServer, type Server, Socket } from 'node:net'
import { Feed } from '../lib/feed.ts'

/** @param feed null: this socket reads by `data` events */
export type Accepted = (socket: Socket, feed: Feed | null) => void

/** The listening handle inside a net.Server, as far as it is used here. */
interface ListeningHandle {
  onconnection?: (status: number, handle?: AcceptedHandle) => void
}

interface AcceptedHandle {
  setNoDelay(on: boolean): void
}

export function createPlainServer(accepted: Accepted): Server {
  const server = createServer({ noDelay: true, allowHalfOpen: true }, socket => accepted(socket, null))
  server.on('listening', () => {
    const listening = (server as unknown as { _handle: ListeningHandle | null })._handle
    // A Node that does it otherwise serves as well, only not as cheaply.
    if (typeof listening?.onconnection !== 'function') return
    listening.onconnection = (status, handle) => {
      // Out of file descriptors, or gone before it was taken: the next one may be well.
      if (status !== 0 || handle === undefined) return
      const feed = new Feed()
      handle.setNoDelay(true)
      // Its types know no accepted handle.
      const options = { handle: handle as never, allowHalfOpen: true, onread: feed.onread }
      const socket = new Socket(options)
      accepted(socket, feed)
      // As net.Server does: an accepted socket reads at once.
      socket.read(0)
    }
  })
  return server
}
