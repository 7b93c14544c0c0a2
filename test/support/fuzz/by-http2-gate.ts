// What our side for HTTP/2 clients makes of a connection's bytes: the real session, a socket that only pretends.
import type { TLSSocket } from 'node:tls'
import type { ClientLimits } from '../../../proxy/lib/client-limits.ts'
import { Headers } from '../../../proxy/lib/headers.ts'
import { endTurn } from '../../../proxy/lib/turn.ts'
import { type ClientEnd, Exchange } from '../../../proxy/pipeline/exchange.ts'
import { Reply } from '../../../proxy/pipeline/reply.ts'
import type { Gate } from '../../../proxy/wire/gate.ts'
import { Http2Wire } from '../../../proxy/wire/http2/wire.ts'
import { FrameReader, TYPE } from '../http2/frame.ts'
import { FakeSocket } from './fake-socket.ts'
import { newMessage, type ReadMessage } from './reading.ts'

const limits: ClientLimits = {
  headMs: 60_000,
  bodyIdleMs: 60_000,
  bodyMinBytesPerSecond: 1,
  keepAliveMs: 60_000,
  keepAliveRequests: 1000,
  maxHeadBytes: 16_384,
  maxFields: 200,
  maxUrlBytes: 8192,
  maxStreams: 100,
}

export interface Reading2 {
  messages: ReadMessage[]
  /** Why requests, or the connection, were refused. */
  refusals: string[]
  /** RST_STREAM and GOAWAY as `type stream code`, in order. */
  faults: string[]
  /** Acknowledgements of SETTINGS and PING. */
  acks: number
  /** Streams that were answered to their end. */
  answered: number[]
  /** Requests that were let in and are over; each once. */
  finished: number
}

/** Answers all that it has let in when all bytes have come: how they were cut must make no difference. */
export function readByHttp2Gate(pieces: readonly Buffer[]): Reading2 {
  const reading: Reading2 = { messages: [], refusals: [], faults: [], acks: 0, answered: [], finished: 0 }
  const waiting: { end: ClientEnd; x: Exchange }[] = []
  const gate: Gate = {
    limits,
    h2c: false,
    proxySenders: { http: null, https: null },
    accept(head, end, body) {
      const x = new Exchange(head, end, body)
      const message = newMessage(`${head.method} ${head.target}`, head.headers.flat)
      reading.messages.push(message)
      waiting.push({ end, x })
      if (body === null) message.whole = true
      else
        body.start({
          chunk: data => (message.body += data.toString('latin1')) !== '',
          end: () => (message.whole = true),
          error: () => {},
        })
      return x
    },
    refused: ({ refusal }) => void reading.refusals.push(refusal.reason),
    handshakeFailed() {},
    finished: () => void reading.finished++,
  }
  const socket = new FakeSocket(null)
  new Http2Wire(gate).take(socket.asSocket as TLSSocket, null)
  for (const piece of pieces) {
    socket.feed(piece)
    endTurn()
  }
  for (const { end, x } of waiting) {
    end.send(x, new Reply(200, Headers.of({ 'content-type': 'text/plain' }), Buffer.alloc(0)))
    endTurn()
  }
  for (const { type, flags, stream, payload } of new FrameReader().read(
    Buffer.from(socket.written, 'latin1'),
  )) {
    if (type === TYPE.RST_STREAM) reading.faults.push(`RST ${stream} ${payload.readUInt32BE(0)}`)
    if (type === TYPE.GOAWAY) reading.faults.push(`GOAWAY ${payload.readUInt32BE(4)}`)
    if ((type === TYPE.SETTINGS || type === TYPE.PING) && flags === 1) reading.acks++
    if (type <= TYPE.HEADERS && (flags & 1) !== 0) reading.answered.push(stream)
  }
  socket.destroy()
  endTurn()
  return reading
}
