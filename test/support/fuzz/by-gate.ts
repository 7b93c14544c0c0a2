// What our client side makes of a connection's bytes: the real connection, a socket that only pretends.
import type { ClientLimits } from '../../../proxy/lib/client-limits.ts'
import { Feed } from '../../../proxy/lib/feed.ts'
import { Headers } from '../../../proxy/lib/headers.ts'
import { readTarget } from '../../../proxy/lib/path.ts'
import { endTurn } from '../../../proxy/lib/turn.ts'
import { type ClientEnd, Exchange, type RequestHead } from '../../../proxy/pipeline/exchange.ts'
import { Reply } from '../../../proxy/pipeline/reply.ts'
import type { Gate } from '../../../proxy/wire/gate.ts'
import { Http1Wire } from '../../../proxy/wire/http1/wire.ts'
import { FakeSocket } from './fake-socket.ts'
import { newMessage, type Reading } from './reading.ts'

const limits: ClientLimits = {
  headMs: 60_000,
  bodyIdleMs: 60_000,
  bodyMinBytesPerSecond: 1,
  keepAliveMs: 60_000,
  keepAliveRequests: 1000,
  maxHeadBytes: 16_384,
  maxFields: 200,
  maxUrlBytes: 8192,
  maxStreams: 1,
}

/**
 * Every request is let in and answered when its body is whole.
 * @param feed null: as a TLS connection reads
 */
export function readRequestsByGate(
  pieces: readonly Buffer[],
  feed: Feed | null = new Feed(),
): Reading & { socket: FakeSocket } {
  const reading: Reading = { messages: [], refusal: '' }
  const answers: (() => void)[] = []
  const gate: Gate = {
    limits,
    h2c: false,
    proxySenders: { http: null, https: null },
    accept(head, end, body) {
      const x = new Exchange(head, end, body)
      takeIn(head, end, x)
      return x
    },
    refused: ({ refusal }) => {
      reading.refusal = refusal.reason
    },
    handshakeFailed() {},
    finished() {},
  }
  const takeIn = (head: RequestHead, end: ClientEnd, x: Exchange): void => {
    const message = newMessage(`${head.method} ${head.target}`, head.headers.flat)
    reading.messages.push(message)
    const answer = (status: number): void => {
      const close = status === 200 ? {} : { connection: 'close' }
      answers.push(() => end.send(x, new Reply(status, Headers.of(close), Buffer.from('ok'))))
    }
    const place = readTarget(head.target)
    if (head.target !== '*' && 'refusal' in place) {
      reading.refusal = place.refusal
      return answer(400)
    }
    if (x.body === null) {
      message.whole = true
      return answer(200)
    }
    x.body.start({
      chunk: data => (message.body += data.toString('latin1')) !== '',
      end: () => {
        message.whole = true
        answer(200)
      },
      error: error => {
        reading.refusal = error.message
        answer(400)
      },
    })
  }
  const socket = new FakeSocket(feed)
  const wire = new Http1Wire(gate)
  wire.take(socket.asSocket, feed)
  for (const piece of pieces) {
    socket.feed(piece)
    for (let answer = answers.shift(); answer !== undefined; answer = answers.shift()) {
      answer()
      endTurn()
    }
  }
  const result = { ...reading, socket }
  socket.destroy()
  return result
}
