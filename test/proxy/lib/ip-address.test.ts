// An address that two programs read differently is two clients: one to forge with, one to be blamed.
import { isIP } from 'node:net'
import { expect, test } from 'vitest'
import { canonicalIp, formatIp, mapIp, parseIp, unmapIp } from '../../../proxy/lib/ip-address.ts'
import { seeded } from '../../support/random.ts'

const random = seeded(7)
const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)]!

test('what Node takes for an address we take, and nothing else', () => {
  const pieces = [
    '0',
    '1',
    '255',
    '256',
    '01',
    'ffff',
    'FE80',
    '10000',
    ':',
    '::',
    '.',
    '1.2.3.4',
    '',
    'g',
    '%1',
    ' ',
  ]
  for (let i = 0; i < 50_000; i++) {
    let text = ''
    for (let n = 1 + Math.floor(random() * 12); n > 0; n--) text += pick(pieces) + pick(['', '', ':', '.'])
    // A zone names an interface of another machine: no client.
    if (text.includes('%')) continue
    const bytes = parseIp(text)
    expect([text, bytes?.length === 4 ? 4 : bytes?.length === 16 ? 6 : 0]).toEqual([text, isIP(text)])
  }
})

test('every address has one form, and it reads back as itself', () => {
  for (let i = 0; i < 5000; i++) {
    const bytes = Uint8Array.from({ length: pick([4, 16]) }, () => pick([0, 0, 0, 1, 171, 255]))
    const text = formatIp(bytes)
    expect(parseIp(text)).toEqual(bytes)
    if (bytes.length === 16) expect(new URL(`http://[${text}]/`).hostname).toBe(`[${text}]`)
    expect(unmapIp(mapIp(bytes))).toEqual(unmapIp(bytes))
  }
})

test.each([
  ['2001:DB8:0:0:0::1', '2001:db8::1'],
  ['::ffff:1.2.3.4', '1.2.3.4'],
  ['::FFFF:0102:0304', '1.2.3.4'],
  ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
  ['fe80::1%eth0', undefined],
  ['1.2.3.04', undefined],
  ['1::2::3', undefined],
])('%s is %s', (text, canonical) => {
  expect(canonicalIp(text)).toBe(canonical)
})
