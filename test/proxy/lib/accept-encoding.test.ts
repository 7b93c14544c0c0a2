// Accept-Encoding by the table of RFC 9110 section 12.5.3, and against any input.
import { describe, expect, it } from 'vitest'
import {
  acceptedEncodings,
  ENCODINGS,
  parseAcceptEncoding,
  preferredEncoding,
} from '../../../proxy/lib/accept-encoding.ts'
import { seeded } from '../stages/support.ts'

describe('preferredEncoding', () => {
  it.each([
    ['gzip, deflate, br, zstd', 'zstd'],
    ['gzip, deflate, br', 'br'],
    ['gzip', 'gzip'],
    ['x-gzip', 'gzip'],
    ['GZIP', 'gzip'],
    ['gzip;q=1.0, br;q=0.5', 'gzip'],
    ['gzip ; q=0.9,br;Q=1', 'br'],
    ['br;q=0, gzip', 'gzip'],
    ['*', 'zstd'],
    ['*;q=0', ''],
    ['zstd;q=0, *', 'br'],
    ['gzip;q=0', ''],
    ['identity', ''],
    ['identity;q=1, gzip;q=0.5', ''],
    ['identity;q=0.5, gzip;q=1', 'gzip'],
    ['identity, gzip', 'gzip'],
    ['', ''],
    ['deflate', ''],
    ['gzip;q=2', ''],
    ['gzip;q=0.1234', ''],
    ['gzip;level=9', ''],
    ['br;q=abc, gzip', 'gzip'],
  ])('%s → %s', (field, coding) => {
    expect(preferredEncoding(parseAcceptEncoding(field), ENCODINGS)).toBe(coding)
  })

  it('breaks ties by the order offered', () => {
    expect(preferredEncoding(parseAcceptEncoding('gzip, br'), ['gzip', 'br'])).toBe('gzip')
  })
})

it('tells apart what a client can read, not how it says so', () => {
  const form = (field: string) => acceptedEncodings(parseAcceptEncoding(field))
  expect(form('gzip, deflate, br;q=0.8')).toBe('br, gzip')
  expect(form('br,gzip')).toBe('br, gzip')
  expect(form('gzip;q=0')).toBe('identity')
})

it('never answers with a coding that the field refuses or does not name', () => {
  const random = seeded(3)
  const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)]!
  for (let i = 0; i < 3000; i++) {
    const members = Array.from({ length: Math.floor(random() * 6) }, () => {
      const coding = pick(['gzip', 'br', 'zstd', 'deflate', 'identity', '*', 'x;y', ''])
      return coding + pick(['', ';q=0', ';q=0.000', ';q=1', ';q=0.3', '; q=0.7', ';q=', ';q=9'])
    })
    const field = members.join(pick([',', ', ', ' ,']))
    const coding = preferredEncoding(parseAcceptEncoding(field), ENCODINGS)
    if (coding === '') continue
    const own = members.filter(member => member.startsWith(coding) && !/;\s?q=(?:|9)$/.test(member)).at(-1)
    const star = members.filter(member => member.startsWith('*') && !/;\s?q=(?:|9)$/.test(member)).at(-1)
    expect(own ?? star, field).toBeDefined()
    expect(/q=0(?:\.0+)?$/.test((own ?? star)!), field).toBe(false)
  }
})
