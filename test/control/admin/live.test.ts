// The live stream: something at once, then what happens; a bounded number of clients, none that stalls for ever.
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { ExchangeRow } from '../../../control/admin/contract.ts'
import { LiveClients } from '../../../control/admin/live.ts'
import { FakeServices, type TestAdmin, testAdmin, tick, WRITE } from './support.ts'

let admin: TestAdmin
let cookie: string
beforeEach(async () => {
  admin = await testAdmin()
  cookie = await admin.cookie()
})
afterEach(() => admin.stop())

/** Reads until the text has it. */
async function read(stream: IncomingMessage, until: string): Promise<string> {
  let text = ''
  stream.setEncoding('utf8')
  while (!text.includes(until)) {
    const chunk: string | null = stream.read()
    if (chunk === null) await once(stream, 'readable')
    else text += chunk
  }
  return text
}

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise(resolve => setImmediate(resolve))
}
const bearer = () => ({ authorization: `Bearer ${admin.cliToken}` })

test('sends the last ticks and the newest rows at once, then what happens', async () => {
  admin.services.rows = [{ id: '1-00000000000000aa', path: '/a\nevent: evil' } as ExchangeRow]
  const stream = await admin.open('/api/v1/live', { cookie })
  expect(stream.headers['content-type']).toBe('text/event-stream; charset=utf-8')
  expect(stream.headers['cache-control']).toBe('no-store')
  const text = await read(stream, 'event: exchanges')
  expect(text).toMatch(/^retry: 2000\n\nevent: tick\ndata: \{/)
  expect(text.match(/^event: tick$/gm)).toHaveLength(60)
  expect(text).not.toMatch(/^event: evil/m)
  admin.services.emit({ type: 'tick', tick: tick(123_456_789) })
  const [, data = ''] = /event: tick\ndata: (.*)\n\n/.exec(await read(stream, '123456789'))!
  expect(JSON.parse(data)).toMatchObject({ type: 'tick', tick: { at: 123_456_789 } })
  stream.destroy()
  await until(() => admin.services.listeners.size === 0)
})

test('a wrong filter is 422 before the stream begins', async () => {
  const reply = await admin.ask('/api/v1/live?q=nothing:x', { headers: bearer() })
  expect(reply.status).toBe(422)
})

test('takes 32 clients; the next is told, and taken when one leaves', async () => {
  const streams = await Promise.all(Array.from({ length: 32 }, () => admin.open('/api/v1/live', { cookie })))
  const refused = await admin.ask('/api/v1/live', { headers: bearer() })
  expect([refused.status, refused.headers['retry-after']]).toEqual([429, '10'])
  streams[0]!.destroy()
  await until(() => admin.services.listeners.size === 31)
  const next = await admin.open('/api/v1/live', { cookie })
  expect(next.statusCode).toBe(200)
  for (const stream of [...streams, next]) stream.destroy()
})

test('a HEAD request leaves nothing behind', async () => {
  const reply = await admin.ask('/api/v1/live', { method: 'HEAD', headers: bearer() })
  expect([reply.status, admin.services.listeners.size]).toEqual([200, 0])
})

test('a client that stops reading is cut', async () => {
  const stream = await admin.open('/api/v1/live', { cookie })
  const closed = new Promise<void>(resolve => stream.on('error', () => {}).on('close', resolve))
  const text = 'x'.repeat(100_000)
  const event = { type: 'event', event: { at: 1, kind: 'start', text, until: null } } as const
  for (let sent = 0; sent < 1000 && admin.services.listeners.size > 0; sent++) {
    admin.services.emit(event)
    await new Promise(resolve => setImmediate(resolve))
  }
  expect(admin.services.listeners.size).toBe(0)
  stream.resume()
  await closed
})

test('closing the server ends the streams in good order', async () => {
  const other = await testAdmin()
  const stream = await other.open('/api/v1/live', { cookie: await other.cookie() })
  stream.resume()
  const ended = once(stream, 'end')
  await other.stop()
  await ended
  expect(other.services.listeners.size).toBe(0)
})

describe('the heartbeat', () => {
  const watching = (valid: () => boolean) => ({ valid, cut: () => {} })

  test('is a comment, and ends clients whose session is over', async () => {
    const services = new FakeServices()
    const clients = new LiveClients(services)
    let valid = true
    const reader = clients
      .open(
        '',
        watching(() => valid),
      )
      .body!.getReader()
    await reader.read()
    clients.heartbeat()
    let text = ''
    while (!text.endsWith('\n\n:\n\n')) text += Buffer.from((await reader.read()).value!).toString()
    valid = false
    clients.heartbeat()
    expect([(await reader.read()).done, clients.size, services.listeners.size]).toEqual([true, 0, 0])
    clients.close()
  })

  test('ends the stream of a session that has logged out', async () => {
    vi.useFakeTimers({ toFake: ['setInterval'] })
    const other = await testAdmin()
    const headers = { ...WRITE, cookie: await other.cookie() }
    const stream = await other.open('/api/v1/live', headers)
    const ended = once(stream.resume(), 'end')
    vi.advanceTimersByTime(15_000)
    expect(other.services.listeners.size).toBe(1)
    await other.ask('/logout', { method: 'POST', headers })
    vi.advanceTimersByTime(15_000)
    await ended
    expect(other.services.listeners.size).toBe(0)
    vi.useRealTimers()
    await other.stop()
  })
})
