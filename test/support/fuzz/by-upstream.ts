// What our upstream side makes of a reply's bytes: the real connection, a socket that only pretends.
import { Feed } from '../../../proxy/lib/feed.ts'
import { Headers } from '../../../proxy/lib/headers.ts'
import { HeadMemory } from '../../../proxy/lib/http1/head-memory.ts'
import type { Reply } from '../../../proxy/pipeline/reply.ts'
import { UpstreamConnection } from '../../../proxy/upstream/transport/http1/connection.ts'
import type { ConnectionHost } from '../../../proxy/upstream/transport/http1/connection-host.ts'
import { readReplyHead } from '../../../proxy/upstream/transport/http1/reply-head.ts'
import type { Outgoing } from '../../../proxy/upstream/transport/transport.ts'
import { FakeSocket } from './fake-socket.ts'
import { newMessage, type Reading } from './reading.ts'

export interface ReplyReading extends Reading {
  /** The connection was given back for another request, and nothing came behind the reply. */
  reusable: boolean
}

const options = {
  host: 'h',
  port: 1,
  connectMs: 60_000,
  responseMs: 60_000,
  idleMs: 60_000,
  tunnelMs: 60_000,
}
/**
 * Asks with `method`, hears these pieces, then the connection's end.
 * @param feed null: as a TLS connection reads
 */
export function readReplyByUpstream(
  pieces: readonly Buffer[],
  method: string,
  feed: Feed | null = new Feed(),
): ReplyReading {
  const reading: ReplyReading = { messages: [], refusal: '', reusable: false }
  const host: ConnectionHost = {
    options,
    released: () => {
      reading.reusable = true
    },
    heads: new HeadMemory(),
    readHead: readReplyHead,
    closed() {},
  }
  const socket = new FakeSocket(feed)
  const connection = new UpstreamConnection(host, socket.asSocket, feed)
  let reply: Reply | undefined
  connection.send(
    outgoing(
      method,
      it => (reply = it),
      error => (reading.refusal = error.message),
    ),
  )
  socket.emit(feed === null ? 'secureConnect' : 'connect')
  for (const piece of pieces) {
    socket.feed(piece)
    if (reply !== undefined && reading.messages.length === 0) take(reply, reading)
  }
  if (socket.destroyed) reading.reusable = false
  socket.emit('end')
  socket.destroy()
  return reading
}

function take(reply: Reply, reading: Reading): void {
  const message = newMessage(String(reply.status), reply.headers.flat)
  reading.messages.push(message)
  const { body } = reply
  if (body === null || Buffer.isBuffer(body)) {
    message.body = body?.toString('latin1') ?? ''
    message.whole = true
    return
  }
  body.start({
    chunk: data => (message.body += data.toString('latin1')) !== '',
    end: () => {
      message.whole = true
    },
    error: error => {
      reading.refusal = error.message
    },
  })
}

const outgoing = (method: string, replied: Outgoing['replied'], failed: Outgoing['failed']): Outgoing => ({
  replied,
  failed,
  method,
  target: '/',
  headers: new Headers(['host', 'x']),
  head: `${method} / HTTP/1.1\r\nhost: x\r\n`,
  eventStream: false,
  fresh: false,
  body: null,
  preface: null,
  upgrade: '',
  startMs: 0,
  atMs: performance.now(),
  attempt: {
    upstream: 'h:1',
    picked: '',
    startUs: 0,
    connectedUs: -1,
    headUs: -1,
    endUs: -1,
    status: 0,
    error: '',
    errorText: '',
    reused: false,
  },
  onInterim() {},
  onDone() {},
  cancel: null,
})
