// A worker that leaves takes no client's request with it: neither one under way nor one that was just being sent.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { startGate, type TestGate } from '../support/gate.ts'
import { startRecordingUpstream } from '../support/recording-upstream.ts'
import { fieldOf, readReplies } from '../support/strict-reader.ts'

const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close()
})

const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'

/** Each reply's second half waits for `finish`. */
async function halves(): Promise<{ gate: TestGate; begun: Promise<void>; finish(): void }> {
  const begun = Promise.withResolvers<void>()
  let finish = (): void => {}
  const upstream = await startRecordingUpstream((_request, socket) => {
    finish = () => socket.write('lf')
    begun.resolve()
    return 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nha'
  })
  const gate = await startGate(`routes:\n  x: 127.0.0.1:${upstream.port}\n`)
  open.push(upstream, gate)
  return { gate, begun: begun.promise, finish: () => finish() }
}

async function until(
  socket: Socket,
  text: { all: string },
  satisfied: (all: string) => boolean,
): Promise<void> {
  while (!satisfied(text.all)) await once(socket, 'data')
}

function client(port: number): { socket: Socket; text: { all: string } } {
  const text = { all: '' }
  const socket = connect(port, '127.0.0.1')
  socket.on('data', chunk => {
    text.all += chunk.toString('latin1')
  })
  return { socket, text }
}

test('a connection that was promised to live on is heard once more, and told that this was the last time', async () => {
  const { gate, begun, finish } = await halves()
  const { socket, text } = client(gate.http)
  socket.write(GET)
  await begun
  await until(socket, text, all => all.endsWith('ha'))
  const drained = gate.drain(5000)
  finish()
  await until(socket, text, all => all.endsWith('half'))
  socket.write(GET)
  await until(socket, text, all => all.split('ha').length === 3)
  finish()
  await once(socket, 'end')
  await drained
  const { messages, rest } = readReplies(text.all)
  expect([messages.map(({ body }) => body), rest]).toEqual([['half', 'half'], ''])
  expect(messages.map(message => fieldOf(message, 'connection'))).toEqual(['', 'close'])
})

test('an idle connection is heard once more', async () => {
  const { gate, finish } = await halves()
  const { socket, text } = client(gate.http)
  await once(socket, 'connect')
  // Accepted, that is: what waits for a worker that is gone would wait for the next one.
  socket.write(GET.slice(0, 10))
  await new Promise(resolve => setImmediate(resolve))
  const drained = gate.drain(5000)
  socket.write(GET.slice(10))
  await until(socket, text, all => all.endsWith('ha'))
  finish()
  await once(socket, 'end')
  await drained
  expect(fieldOf(readReplies(text.all).messages[0]!, 'connection')).toBe('close')
})

test('connections nobody uses end soon, with FIN and without a word', async () => {
  const { gate } = await halves()
  const { socket, text } = client(gate.http)
  await once(socket, 'connect')
  await new Promise(resolve => setImmediate(resolve))
  const startedMs = performance.now()
  const drained = gate.drain(10_000)
  await once(socket, 'end')
  await drained
  expect([text.all, performance.now() - startedMs < 5000]).toEqual(['', true])
})
