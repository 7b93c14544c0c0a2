// Every stage reads and writes fields through this: a lost or doubled one breaks some app.
import { expect, test } from 'vitest'
import { Headers } from '../../../proxy/lib/headers.ts'

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
