// Without these one bad backend, or one bad client, decides what all the others get.
import { connect } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { converse } from '../support/converse.ts'
import { startGate, type TestGate } from '../support/gate.ts'
import { rawRequest } from '../support/raw-client.ts'
import { fieldOf } from '../support/strict-reader.ts'
import { startRawUpstream, startUpstream, type TestUpstream } from '../support/upstream.ts'

const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close()
})

async function gateTo(upstreams: TestUpstream[], extra = ''): Promise<TestGate> {
  open.push(...upstreams)
  const targets = upstreams.map(u => `127.0.0.1:${u.port}`).join(', ')
  const gate = await startGate(`routes:\n  x:\n    to: [${targets}]\n${extra}`)
  open.push(gate)
  return gate
}

/** An upstream that answers each request with these bytes, then does `after`. */
const saying = (bytes: string, after: 'end' | 'destroy' | 'hold' = 'hold') =>
  startRawUpstream((socket, received) => {
    if (!received.endsWith('\r\n\r\n')) return
    socket.write(Buffer.from(bytes, 'latin1'), () => {
      if (after === 'end') socket.end()
      if (after === 'destroy') socket.resetAndDestroy()
    })
  })

const get = (gate: TestGate, method = 'GET') =>
  rawRequest(gate.http, `${method} / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)

test('GET moves on to the other upstream, POST does not when it may have taken effect', async () => {
  const bad = await saying('', 'end')
  const good = await startUpstream((_request, response) => response.end('good'))
  const gate = await gateTo([bad, good])
  const answers = [await get(gate), await get(gate)]
  expect(answers.map(a => a.statuses[0])).toEqual([200, 200])
  const posts = [await get(gate, 'POST'), await get(gate, 'POST')]
  expect(posts.map(a => a.statuses[0]).sort()).toEqual([200, 502])
})

test('a refused connection is tried elsewhere even for POST: nothing was sent', async () => {
  const gone = await startUpstream(() => {})
  await gone.close()
  const good = await startUpstream((_request, response) => response.end('good'))
  const gate = await gateTo([{ ...gone, close: async () => {} }, good])
  const posts = [await get(gate, 'POST'), await get(gate, 'POST')]
  expect(posts.map(a => a.statuses[0])).toEqual([200, 200])
  const records = await gate.records(2)
  const retried = records.find(r => r.attempts.length === 2)!
  expect(retried.attempts[0]).toMatchObject({ error: 'connection_refused' })
  expect(retried.verdicts.some(v => v.stage === 'forward' && v.reason === 'retried')).toBe(true)
})

test('three failures eject an upstream, and it is said', async () => {
  const gone = await startUpstream(() => {})
  await gone.close()
  const good = await startUpstream((_request, response) => response.end('good'))
  const gate = await gateTo([{ ...gone, close: async () => {} }, good])
  for (let i = 0; i < 8; i++) expect((await get(gate)).statuses).toEqual([200])
  const records = await gate.records(8)
  expect(records.filter(r => r.attempts.length === 2)).toHaveLength(3)
  expect(records.flatMap(r => r.verdicts).filter(v => v.reason === 'ejected')).toHaveLength(1)
})

test('nobody answers: 502 with Proxy-Status and no topology', async () => {
  const gone = await startUpstream(() => {})
  await gone.close()
  const gate = await gateTo([{ ...gone, close: async () => {} }])
  const { text, statuses } = await get(gate)
  expect(statuses).toEqual([502])
  expect(text).toMatch(/proxy-status: oriel; error=connection_refused/i)
  expect(text).not.toContain(String(gone.port))
})

test('a client that leaves takes its upstream request with it, and is recorded as aborted', async () => {
  let left: () => void
  const closed = new Promise<void>(resolve => {
    left = resolve
  })
  const slow = await startUpstream((_request, response) => {
    response.write('first')
    response.on('close', () => left())
  })
  const gate = await gateTo([slow])
  await rawRequest(gate.http, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n', text => text.includes('first'))
  await closed
  const [record] = await gate.records(1)
  expect(record).toMatchObject({ aborted: true, error: 'client_aborted' })
})

test('a body longer than memory flows at the slower side’s pace', async () => {
  const size = 32 * 1024 * 1024
  const upstream = await startUpstream((_request, response) => {
    response.setHeader('content-length', size)
    const chunk = Buffer.alloc(64 * 1024)
    let sent = 0
    const more = (): void => {
      while (sent < size) {
        sent += chunk.length
        if (!response.write(chunk)) return void response.once('drain', more)
      }
      response.end()
    }
    more()
  })
  const gate = await gateTo([upstream])
  const { text } = await get(gate)
  expect(text.length - text.indexOf('\r\n\r\n') - 4).toBe(size)
})

/** Sends half a chunked body that turns out to be none, once its request has reached the upstream. */
async function breakOff(gate: TestGate, received: () => string): Promise<number[]> {
  const before = received().length
  const socket = connect(gate.http, '127.0.0.1')
  socket.write('POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n')
  while (!received().slice(before).includes('hello')) await turn()
  socket.write('zz\r\n')
  let text = ''
  for await (const chunk of socket) text += chunk
  return [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(match => Number(match[1]))
}
const turn = () => new Promise(resolve => setImmediate(resolve))

test('clients that send broken bodies cannot take an upstream out', async () => {
  const reads = await startRawUpstream(() => {})
  const spare = await startRawUpstream(() => {})
  const gate = await gateTo([reads, spare])
  for (let i = 0; i < 8; i++) {
    const turnOf = i % 2 === 0 ? reads : spare
    expect(await breakOff(gate, () => turnOf.received.join(''))).toEqual([400])
  }
  const records = await gate.records(8)
  expect(records.map(({ error }) => error)).toEqual(Array(8).fill('malformed_request'))
  expect(records.flatMap(record => record.verdicts).filter(v => v.reason === 'ejected')).toEqual([])
})

test('148 an answer that comes before the upload has ended is passed on at once, and the upload is let go', async () => {
  const early = await startRawUpstream((socket, received) => {
    if (/\r\n\r\n./s.test(received) && socket.writable)
      socket.end('HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno')
  })
  const gate = await gateTo([early])
  const { replies, end } = await converse(gate.http, {
    pieces: [
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n',
      ...Array(8).fill('a'.repeat(1000)),
    ],
  })
  expect(replies.map(({ start, body }) => [start[1], body])).toEqual([['413', 'no']])
  expect(fieldOf(replies[0]!, 'connection')).toBe('close')
  expect(end).toBe('fin')
})
