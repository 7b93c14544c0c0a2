// Request smuggling: not one byte reaches a backend that a strict reading of the client's bytes would not forward.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { converse, statusesOf } from '../support/converse.ts'
import { type DesyncCase, desyncCases } from '../support/desync-cases.ts'
import { startGate, type TestGate } from '../support/gate.ts'
import { type Random, seeded } from '../support/random.ts'
import { inShort, type RecordingUpstream, startRecordingUpstream } from '../support/recording-upstream.ts'

const LAST = 'GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'
/** Whole, and so often cut elsewhere. */
const CUTS = 3

let upstream: RecordingUpstream
let gate: TestGate
beforeAll(async () => {
  // Each answer tells which request it answers.
  upstream = await startRecordingUpstream(request => {
    const text = inShort(request)
    const body = request.start[0] === 'HEAD' ? '' : text
    return `HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n\r\n${body}`
  })
  gate = await startGate(`client: { bodyIdle: 2s }\nroutes:\n  x: 127.0.0.1:${upstream.port}\n`)
})
afterAll(async () => {
  await gate.close()
  await upstream.close()
})

function cutAt(random: Random, text: string, pieces: number): string[] {
  const edges = Array.from({ length: pieces - 1 }, () => Math.floor(random() * text.length)).sort(
    (a, b) => a - b,
  )
  return [0, ...edges]
    .map((edge, i) => text.slice(edge, edges[i] ?? text.length))
    .filter(piece => piece !== '')
}

async function hold({ bytes, forwards }: DesyncCase, pieces: string[]): Promise<void> {
  const known = upstream.streams.map(stream => stream.length)
  const answer = await converse(gate.http, { pieces, bodiless: nth => nth === 0 && bytes.startsWith('HEAD') })
  const reached = upstream.taken().map(inShort)
  const expected = reached.at(-1) === 'GET /last' ? [...forwards, 'GET /last'] : forwards
  expect(reached).toEqual(expected)
  // Every request that reached the backend was answered, in order, with its own answer; nothing else was let in.
  const answers = answer.replies.filter(
    ({ start, fields }) => start[1] === '200' && !fields.some(([name]) => name === 'allow'),
  )
  const told = answers.map(({ body }, i) => (i === 0 && bytes.startsWith('HEAD') ? reached[0] : body))
  expect(told).toEqual(reached)
  // Beside whole requests the backend saw at most the beginning of one, which was cut and refused.
  const readings = upstream.readings()
  expect(readings.map(({ problem }) => problem).join('')).toBe('')
  const begun = upstream.streams.filter(
    (stream, i) => stream.length > (known[i] ?? 0) && readings[i]!.rest !== '',
  )
  if (begun.length > 0) expect(statusesOf(answer).at(-1)).toBeGreaterThanOrEqual(400)
}

const all = desyncCases()

test(`${all.length} ambiguous framings are known`, () => {
  expect(all.length).toBeGreaterThan(250)
  expect(new Set(all.map(({ what }) => what)).size).toBe(all.length)
})

test.each(all)('$what', async row => {
  const random = seeded(all.indexOf(row))
  await hold(row, [row.bytes + LAST])
  for (let i = 0; i < CUTS; i++) await hold(row, cutAt(random, row.bytes + LAST, 2 + i))
})
