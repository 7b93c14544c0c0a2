// A body over the limit is refused before it fills anything, and the answer says what to change.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { converse, statusesOf } from '../../support/converse.ts'
import { startGate, type TestGate } from '../../support/gate.ts'
import { type RecordingUpstream, startRecordingUpstream } from '../../support/recording-upstream.ts'

let upstream: RecordingUpstream
let gate: TestGate
beforeAll(async () => {
  upstream = await startRecordingUpstream()
  gate = await startGate(`routes:\n  x:\n    to: 127.0.0.1:${upstream.port}\n    guard: { maxBody: 1kb }\n`)
})
afterAll(async () => {
  await gate.close()
  await upstream.close()
})

test('a declared body over the limit: 413 naming the route and the key, and nobody is asked', async () => {
  const answer = await converse(gate.http, {
    pieces: ['POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n'],
  })
  expect([statusesOf(answer), answer.end]).toEqual([[413], 'fin'])
  expect(answer.replies[0]!.body).toMatch(/guard\.maxBody of route x\./)
  expect(upstream.streams.join('')).toBe('')
})

test('a chunked body that grows over the limit: the backend never gets it whole', async () => {
  const piece = `400\r\n${'a'.repeat(1024)}\r\n`
  const answer = await converse(gate.http, {
    pieces: [
      'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n',
      piece,
      piece,
      piece,
      '0\r\n\r\n',
    ],
  })
  expect([statusesOf(answer), answer.end]).toEqual([[413], 'fin'])
  expect(upstream.taken()).toEqual([])
})
