// Without these a misbehaving backend takes the gate down, or a client takes half a reply for whole.
import { afterEach, expect, test } from 'vitest'
import { startGate, type TestGate } from '../support/gate.ts'
import { rawRequest } from '../support/raw-client.ts'
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

const ok = 'HTTP/1.1 200 OK\r\n'

test.each([
  ['nothing', '', 'end'],
  ['nothing but a reset', '', 'destroy'],
  ['half a status line', 'HTTP/1.1 2', 'end'],
  ['a cut head', `${ok}X: 1\r\n`, 'end'],
  ['CL and TE', `${ok}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 'end'],
  ['two different CL', `${ok}Content-Length: 2\r\nContent-Length: 3\r\n\r\nabc`, 'end'],
  ['a negative CL', `${ok}Content-Length: -1\r\n\r\n`, 'end'],
  ['NUL in a value', `${ok}X: a\0b\r\nContent-Length: 0\r\n\r\n`, 'end'],
  ['a control character in a value', `${ok}X: a\x01b\r\nContent-Length: 0\r\n\r\n`, 'end'],
  ['obs-fold', `${ok}X: a\r\n b\r\nContent-Length: 0\r\n\r\n`, 'end'],
  ['a space in a name', `${ok}X Y: a\r\nContent-Length: 0\r\n\r\n`, 'end'],
  ['a line without colon', `${ok}nonsense\r\nContent-Length: 0\r\n\r\n`, 'end'],
  ['a status of letters', 'HTTP/1.1 abc\r\n\r\n', 'end'],
  ['an SSH banner', 'SSH-2.0-OpenSSH_9.2\r\n', 'end'],
  ['fields of 200 KB', `${ok}X: ${'a'.repeat(200_000)}\r\n\r\n`, 'end'],
  ['an unasked 101', 'HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n', 'hold'],
] as const)('an upstream that says %s becomes a 502', async (_name, bytes, after) => {
  const gate = await gateTo([await saying(bytes, after)])
  const answer = await get(gate, 'POST')
  expect(answer.statuses).toEqual([502])
  expect(answer.text).toMatch(/proxy-status: oriel; error=/i)
})

test.each([
  ['a body shorter than its length', `${ok}Content-Length: 10\r\n\r\nhalf`, 'end'],
  ['a reset within the body', `${ok}Content-Length: 10\r\n\r\nhalf`, 'destroy'],
  ['chunks cut short', `${ok}Transfer-Encoding: chunked\r\n\r\n5\r\nhel`, 'end'],
  ['no last chunk', `${ok}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`, 'end'],
] as const)('after %s the client cannot take what came for the whole', async (_name, bytes, after) => {
  const gate = await gateTo([await saying(bytes, after)])
  const { text } = await get(gate)
  const [head, body] = [text.slice(0, text.indexOf('\r\n\r\n')), text.slice(text.indexOf('\r\n\r\n') + 4)]
  const length = /content-length: (\d+)/i.exec(head)
  if (text.startsWith('HTTP/1.1 200')) {
    const whole = length ? body.length === Number(length[1]) : body.endsWith('0\r\n\r\n')
    expect(whole).toBe(false)
  } else expect(text).toMatch(/^HTTP\/1\.1 502/)
  const [record] = await gate.records(1)
  expect(record!.error).not.toBe('')
})

test('bytes after the body do not reach the next client', async () => {
  const gate = await gateTo([
    await saying(`${ok}Content-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison`),
  ])
  for (let i = 0; i < 3; i++) expect((await get(gate)).text).not.toContain('poison')
})

test('obs-text passes byte for byte', async () => {
  const gate = await gateTo([await saying(`${ok}X: caf\xe9\r\nContent-Length: 0\r\n\r\n`)])
  expect((await get(gate)).text).toContain('x: caf\xe9')
})

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

test('a slow upstream is a 504 at the deadline', async () => {
  const silent = await startRawUpstream(() => {})
  const gate = await gateTo([silent], '    timeout: { response: 1s }\n')
  expect((await get(gate)).statuses).toEqual([504])
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
