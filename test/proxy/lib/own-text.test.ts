// A piece of a text keeps the whole alive: what outlives its request must not hold the 16 KB that it was read with.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { readAuthority } from '../../../proxy/lib/authority.ts'
import { Headers } from '../../../proxy/lib/headers.ts'
import { HeadReader } from '../../../proxy/lib/http1/head-reader.ts'
import { ownText } from '../../../proxy/lib/own-text.ts'
import { toRecord } from '../../../proxy/record/to-record.ts'
import { createLimit } from '../../../proxy/stages/limit/limit.ts'
import { exchange, ok, send, stageEnv } from '../stages/support.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

const READ_BYTES = 16 * 1024
const TIMES = 200
const ROUNDS = 5

/** As a wire cuts it out of what it read: a piece of a text of 16 KB. */
function piece(i: number): string {
  const read = Buffer.alloc(READ_BYTES, `${i}.example-of-what-a-client-says`).toString('latin1')
  return read.slice(0, 40)
}

/** @returns bytes that live on for each call, which must not be those of what was read: the least of some rounds */
async function keptBytes(keep: (text: string) => unknown): Promise<number> {
  const kept: unknown[] = []
  const round = async (from: number): Promise<number> => {
    collect()
    const before = process.memoryUsage().heapUsed
    for (let i = 0; i < TIMES; i++) kept.push(await keep(piece(from + i)))
    collect()
    return (process.memoryUsage().heapUsed - before) / TIMES
  }
  // What the engine makes of the code that runs is in the same heap, once.
  const bytes: number[] = []
  for (let i = 0; i < ROUNDS; i++) bytes.push(await round(1000 * (i + 1)))
  expect(kept).toHaveLength(ROUNDS * TIMES)
  return Math.min(...bytes)
}

test('what this file measures is there: a piece does keep the whole', async () => {
  expect(await keptBytes(text => text)).toBeGreaterThan(READ_BYTES * 0.9)
})

test('a copy does not, and says the same, whatever it is', async () => {
  expect(await keptBytes(ownText)).toBeLessThan(READ_BYTES / 4)
  for (const text of ['', 'short', 'caf\xe9 '.repeat(9), 'no latin1: Ωλ…€'.repeat(9)])
    expect(ownText(text)).toBe(text)
})

test('a head that came with its body does not keep the body', async () => {
  const head = (text: string) => {
    const read = new HeadReader(READ_BYTES).push(Buffer.from(`${text}\r\n\r\n${text.repeat(400)}`))
    return (read as { head: string }).head
  }
  expect(await keptBytes(head)).toBeLessThan(READ_BYTES / 4)
})

test('a record that waits for its batch', async () => {
  const record = (text: string) => {
    const x = exchange({ headers: { 'user-agent': text, referer: `${text}?q=1`, 'x-own': text } })
    x.path = text
    x.query = text
    x.traceId = x.parentId = text
    x.replyHeaders = new Headers(['x-up', text])
    return toRecord(x, 'r', 1, { reason: 'budget', weight: 1 }, 0, true)
  }
  expect(await keptBytes(record)).toBeLessThan(READ_BYTES / 4)
})

test('the key of a rate limit by a header', async () => {
  const config = { rate: { count: 1, perMs: 60_000 }, burst: 1, by: 'header:x-key', dryRun: false }
  const stage = createLimit(config, stageEnv(), () => 1)
  const ask = async (text: string) => (await send([stage], () => ok(), { headers: { 'x-key': text } })).status
  expect(await keptBytes(ask)).toBeLessThan(READ_BYTES / 4)
})

test('a host that was read once', async () => {
  expect(await keptBytes(text => readAuthority(text)?.port)).toBeLessThan(READ_BYTES / 4)
})
