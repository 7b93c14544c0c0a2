// A head taken for another would give one client's request another's meaning.
import { expect, test } from 'vitest'
import { HeadMemory } from '../../../../proxy/lib/http1/head-memory.ts'
import { HeadReader } from '../../../../proxy/lib/http1/head-reader.ts'
import { seeded } from '../../stages/support.ts'

const bytes = (text: string) => Buffer.from(text, 'latin1')

test('a head is known by its bytes from its second time on, and only all of it', () => {
  const memory = new HeadMemory<number>()
  const head = 'GET / HTTP/1.1\r\nhost: caf\xe9'
  const whole = bytes(`${head}\r\n\r\nrest`)
  expect([memory.recall(head), memory.match(whole, whole.length)]).toEqual([null, 0])
  memory.keep(head, 7)
  expect(memory.match(whole, whole.length)).toBe(0)
  expect(memory.recall(head)).toBe(7)
  expect(memory.match(whole, whole.length)).toBe(head.length + 4)
  expect(memory.match(whole, head.length + 3)).toBe(0)
  expect(memory.match(bytes(`${head}x\r\n\r\n`), head.length + 5)).toBe(0)
  memory.forget()
  expect([memory.match(whole, whole.length), memory.recall(head), memory.recall('')]).toEqual([0, null, null])
})

test('in the buffer that all connections read through, each byte counts, whatever the length', () => {
  const shared = Buffer.allocUnsafeSlow(64 * 1024)
  for (const chars of [1, 2, 3, 4, 5, 17, 400, 600]) {
    const memory = new HeadMemory<number>()
    const head = 'h'.repeat(chars)
    memory.keep(head, chars)
    memory.recall(head)
    const length = shared.write(`${head}\r\n\r\nbehind`, 'latin1')
    expect(memory.match(shared, length)).toBe(chars + 4)
    expect(memory.match(shared, chars + 3)).toBe(0)
    for (let i = 0; i < chars + 4; i++) {
      shared[i]! ^= 1
      expect(memory.match(shared, length)).toBe(0)
      shared[i]! ^= 1
    }
  }
})

test('what stands behind the bytes that came does not count', () => {
  const memory = new HeadMemory<number>()
  memory.keep('GET / HTTP/1.1', 1)
  memory.recall('GET / HTTP/1.1')
  const buffer = bytes('GET / HTTP/1.1\r\n\r\n')
  expect(memory.match(buffer, 10)).toBe(0)
})

test('an empty head is never known', () => {
  expect(new HeadMemory<number>().recall('')).toBe(null)
})

test('a long head is read each time and drives out the one before', () => {
  const memory = new HeadMemory<number>()
  memory.keep('a', 1)
  memory.keep('b'.repeat(5000), 2)
  expect([memory.recall('a'), memory.recall('b'.repeat(5000))]).toEqual([null, null])
})

test('over any sequence of few heads it agrees with reading each anew', () => {
  const random = seeded(11)
  const heads = ['GET / HTTP/1.1', 'GET / HTTP/1.1\r\na: b', 'GET /x HTTP/1.1', 'GET / HTTP/1.1\r\na: c']
  const memory = new HeadMemory<string>()
  for (let i = 0; i < 2000; i++) {
    const head = heads[Math.floor(random() * heads.length)]!
    const input = bytes(`${head}\r\n\r\n${heads[Math.floor(random() * heads.length)]}`)
    const known = memory.match(input, input.length)
    const read = new HeadReader(1000).push(input) as { head: string; rest: number }
    if (known > 0) expect([memory.value, known]).toEqual([read.head, read.rest])
    else if (memory.recall(read.head) === null) memory.keep(read.head, read.head)
    else expect(memory.value).toBe(read.head)
  }
})
