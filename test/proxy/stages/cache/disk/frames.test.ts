// Frames between workers and the keeper: a stream cut anywhere is the same messages, and one of something else ends.
import { expect, test } from 'vitest'
import { encodeFrame, FrameReader, type ToKeeper } from '../../../../../proxy/stages/cache/disk/frames.ts'
import { bodyOf, stored } from './stored.ts'

test('a stream cut at every place gives the same messages and bodies', () => {
  const body = bodyOf('a', 300)
  const put: ToKeeper = { kind: 'put', epoch: 1, stored: stored('http://app.test/ä') }
  const get: ToKeeper = { kind: 'get', n: 1, primary: 'http://app.test/', suffix: null, peek: false }
  const stream = Buffer.concat([encodeFrame(put, body.length), body, encodeFrame(get), encodeFrame(put)])
  for (let cut = 0; cut <= stream.length; cut++) {
    const seen: [unknown, string][] = []
    const reader = new FrameReader<ToKeeper>((message, bytes) => seen.push([message, bytes.toString()]))
    reader.push(stream.subarray(0, cut))
    reader.push(stream.subarray(cut))
    expect(seen).toEqual([
      [put, body.toString()],
      [get, ''],
      [put, ''],
    ])
  }
})

test('what is no frame ends the connection instead of taking memory', () => {
  const reader = new FrameReader(() => {})
  expect(() => reader.push(Buffer.from('GET / HTTP/1.1\r\n\r\n'))).toThrow(RangeError)
})
