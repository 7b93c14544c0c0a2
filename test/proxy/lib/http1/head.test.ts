// A head is read before anything is known of who sent it: every byte of it is hostile until proved otherwise.
import { expect, test } from 'vitest'
import { isClean, readFields } from '../../../../proxy/lib/http1/fields.ts'
import { HeadReader } from '../../../../proxy/lib/http1/head-reader.ts'

test('names are lower-case, values trimmed, the rest byte for byte', () => {
  expect(readFields('Host: x\r\nX-Caf\xe9', 0)).toBeUndefined()
  expect(readFields('Host:x\r\nX:  caf\xe9 \t\r\nEmpty:', 0)).toEqual([
    'host',
    'x',
    'x',
    'caf\xe9',
    'empty',
    '',
  ])
  expect(readFields('GET / HTTP/1.1', 16)).toEqual([])
})

test.each([
  'no colon',
  ': empty name',
  'a b: c',
  'a : c',
  ' folded',
  'X: 1\r\n folded',
  'X: 1\r\n\tfolded',
  'é: 1',
])('%j is no field', text => {
  expect(readFields(text, 0)).toBeUndefined()
})

test.each(['a\0b', 'a\x01b', 'a\rb', 'a\nb', '\nb', 'a\x7fb', 'a\r\n\nb', 'a\u0100b'])(
  '%j is not clean',
  text => {
    expect(isClean(text)).toBe(false)
  },
)

test('tabs, CRLF and obs-text are', () => {
  expect(isClean('GET / HTTP/1.1\r\nX: a\tb\xff')).toBe(true)
})

test('a head is found wherever its bytes are cut, and the rest is left', () => {
  const bytes = Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\nbody')
  for (let cut = 1; cut < bytes.length; cut++) {
    const reader = new HeadReader(1024)
    const first = reader.push(bytes.subarray(0, cut))
    const [read, before] = first === undefined ? [reader.push(bytes.subarray(cut)), cut] : [first, 0]
    if (read === undefined || read === 'too-large') throw new Error(String(read))
    expect(read.head).toBe('GET / HTTP/1.1\r\nHost: x')
    expect(bytes.subarray(before + read.rest).toString()).toBe('body')
  }
})

test('a long body behind the head changes nothing, wherever the bytes are cut and whatever it looks like', () => {
  const head = `GET / HTTP/1.1\r\nX: ${'x'.repeat(5000)}`
  const bytes = Buffer.from(`${head}\r\n\r\n${'body\r\n\r\n'.repeat(1000)}`)
  for (let cut = 1; cut < 6000; cut++) {
    const reader = new HeadReader(8192)
    const first = reader.push(bytes.subarray(0, cut))
    const [read, before] = first === undefined ? [reader.push(bytes.subarray(cut)), cut] : [first, 0]
    expect(read).toEqual({ head, rest: head.length + 4 - before })
  }
  // What an earlier read left in the buffer is no part of this one.
  const lent = Buffer.from(`${'a'.repeat(3000)}\r\n\r\n`)
  expect(new HeadReader(8192).push(lent, 2500)).toBeUndefined()
})

test('never more is kept than may be', () => {
  const reader = new HeadReader(100)
  expect(reader.push(Buffer.alloc(90, 'a'))).toBeUndefined()
  expect(reader.push(Buffer.alloc(1_000_000, 'a'))).toBe('too-large')
  expect(reader.pending.length).toBeLessThanOrEqual(104)
  const exact = new HeadReader(10)
  expect(exact.push(Buffer.from('0123456789\r\n\r\n'))).toEqual({ head: '0123456789', rest: 14 })
})
