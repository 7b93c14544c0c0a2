// Every stage reads and writes fields through this: a lost or doubled one breaks some app.
import { expect, test } from 'vitest'
import { Block, Headers } from '../../../proxy/lib/headers.ts'

test('names are lower-case, order and repetition stay', () => {
  const headers = Headers.from(['Set-Cookie', 'a', 'X', '1', 'set-cookie', 'b'])
  expect(headers.flat).toEqual(['set-cookie', 'a', 'x', '1', 'set-cookie', 'b'])
  expect(headers.all('set-cookie')).toEqual(['a', 'b'])
  expect(headers.list('set-cookie')).toBe('a, b')
})

test('set replaces all by one in the first place', () => {
  const headers = new Headers(['a', '1', 'b', '2', 'a', '3'])
  headers.set('a', '9')
  headers.set('c', '4')
  expect(headers.flat).toEqual(['a', '9', 'b', '2', 'c', '4'])
})

test('delete takes every one', () => {
  const headers = new Headers(['a', '1', 'b', '2', 'a', '3'])
  headers.delete('a')
  expect(headers.flat).toEqual(['b', '2'])
  expect([headers.get('a'), headers.has('b')]).toEqual([undefined, true])
})

test('what is added to the same fields again and again is shared, and what is added once is not', () => {
  const block = new Block(['a', '1'])
  const extended = (value: string) => {
    const headers = new Headers(block)
    headers.extend('b', value)
    headers.append('c', '3')
    expect(headers.flat).toEqual(['a', '1', 'b', value, 'c', '3'])
  }
  const last = (value: string) => {
    const headers = new Headers(block)
    headers.extend('b', value)
    return headers.shared
  }
  extended('2')
  expect(last('2')).toBe(last('2'))
  expect(last('2')!.flat).toEqual(['a', '1', 'b', '2'])
  expect(last('5')).toBe(block)
  extended('5')
  extended('2')
  expect(block.flat).toEqual(['a', '1'])
})

test('behind a field of its own, more are its own', () => {
  const headers = new Headers(new Block(['a', '1']))
  headers.append('b', '2')
  headers.extend('c', '3')
  headers.extend('d', '4')
  expect(headers.flat).toEqual(['a', '1', 'b', '2', 'c', '3', 'd', '4'])
})
