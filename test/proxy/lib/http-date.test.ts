// The three forms of RFC 9110 section 5.6.7, and nothing that merely looks like a date.
import { expect, it } from 'vitest'
import { parseHttpDate } from '../../../proxy/lib/http-date.ts'

const INSTANT = Date.UTC(1994, 10, 6, 8, 49, 37)

it.each(['Sun, 06 Nov 1994 08:49:37 GMT', 'Sunday, 06-Nov-94 08:49:37 GMT', 'Sun Nov  6 08:49:37 1994'])(
  '%s',
  text => {
    expect(parseHttpDate(text)).toBe(INSTANT)
  },
)

it.each([
  '0',
  '-1',
  '',
  'Sun, 06 Nov 1994 08:49:37 PST',
  '1994-11-06T08:49:37Z',
  'Sun, 6 Nov 1994 08:49:37 GMT',
  'Sun, 99 Nov 1994 08:49:37 GMT',
])('refuses %j', text => {
  expect(parseHttpDate(text)).toBeNaN()
})
