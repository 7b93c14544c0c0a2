// Bytes that wait: they come out as they went in, and one by one they take no more room than together.
import { expect, test } from 'vitest'
import { ByteQueue } from '../../../../proxy/wire/http2/byte-queue.ts'
import { seeded } from '../../../support/random.ts'

test('first in, first out, however they are cut', () => {
  const next = seeded(4)
  const random = (below: number): number => Math.floor(next() * below)
  for (let round = 0; round < 50; round++) {
    const queue = new ByteQueue()
    const went: Buffer[] = []
    const came: Buffer[] = []
    for (let i = 0; i < 40; i++) {
      const chunk = Buffer.alloc(random(40_000), random(256))
      went.push(chunk)
      queue.push(chunk)
      if (random(3) === 0) came.push(queue.shift() ?? Buffer.alloc(0))
    }
    for (let chunk = queue.shift(); chunk !== null; chunk = queue.shift()) came.push(chunk)
    expect(queue.bytes).toBe(0)
    expect(Buffer.concat(came).equals(Buffer.concat(went))).toBe(true)
  }
})

test('a hundred thousand single bytes are seven blocks', () => {
  const queue = new ByteQueue()
  for (let i = 0; i < 100_000; i++) queue.push(Buffer.from([i]))
  let blocks = 0
  while (queue.shift() !== null) blocks++
  expect(blocks).toBe(7)
})
