// Frames out of bytes: however TCP cuts them, the same frames come out, and padding is never taken for data.
import { expect, test } from 'vitest'
import { FrameReader, type FrameSink } from '../../../../proxy/wire/http2/frame-reader.ts'
import { PREFACE } from '../../../../proxy/wire/http2/frames.ts'
import { frame } from '../../../support/http2/frame.ts'
import { seeded } from '../../../support/random.ts'

/** What was read, DATA joined. */
class Seen implements FrameSink {
  over = false
  readonly lines: string[] = []
  #data = ''

  frame(type: number, flags: number, id: number, input: Buffer, start: number, end: number): void {
    this.lines.push(`${type} ${flags} ${id} ${input.toString('latin1', start, end)}`)
  }

  dataBegins(id: number, length: number, padding: number): void {
    this.#data = `data ${id} ${length} ${padding} `
  }

  dataBytes(chunk: Buffer): void {
    this.#data += chunk.toString('latin1')
  }

  dataEnds(flags: number): void {
    this.lines.push(`${this.#data} ${flags}`)
  }

  broken(_code: number, reason: string): void {
    this.over = true
    this.lines.push(reason)
  }
}

function read(bytes: Buffer, cuts: () => number): string[] {
  const seen = new Seen()
  const reader = new FrameReader(seen)
  for (let at = 0; at < bytes.length && !seen.over; ) {
    const to = Math.min(bytes.length, at + cuts())
    reader.push(Buffer.from(bytes.subarray(at, to)))
    at = to
  }
  return seen.lines
}

test('the same frames, however they are cut', () => {
  const next = seeded(3)
  const random = (below: number): number => Math.floor(next() * below)
  for (let round = 0; round < 100; round++) {
    const parts: Buffer[] = [Buffer.from(PREFACE, 'latin1')]
    for (let i = 0; i < 12; i++) {
      const payload = Buffer.alloc(random(60), 97 + i)
      const padded = random(2) === 0 && payload.length > 0
      if (padded) payload[0] = random(payload.length)
      parts.push(frame(random(3) === 0 ? random(10) : 0, padded ? 8 : random(2), 1 + random(9), payload))
    }
    const bytes = Buffer.concat(parts)
    const whole = read(bytes, () => bytes.length)
    expect(whole).toHaveLength(12)
    expect(read(bytes, () => 1)).toEqual(whole)
    expect(read(bytes, () => 1 + random(30))).toEqual(whole)
  }
})

test.each([
  ['another protocol', Buffer.from('GET / HTTP/1.1\r\n\r\n'), 'bad_preface'],
  ['a frame that is too large', Buffer.concat([Buffer.from(PREFACE), hexHead('004001')]), 'frame_too_large'],
  [
    'padding as long as its frame',
    Buffer.concat([Buffer.from(PREFACE), frame(0, 8, 1, Buffer.from([4, 1, 1, 1]))]),
    'bad_padding',
  ],
])('%s is told', (_name, bytes, reason) => {
  expect(read(bytes, () => 1)).toEqual([reason])
})

function hexHead(length: string): Buffer<ArrayBuffer> {
  return Buffer.from(`${length}00 00 00000001`.replaceAll(' ', ''), 'hex')
}
