// Limits, logs and rules name the client by this: whoever can forge it escapes all three.
import { expect, test } from 'vitest'
import { plainAddress, readClient } from '../../../proxy/lib/client-address.ts'
import { Headers } from '../../../proxy/lib/headers.ts'
import { seeded } from '../../support/random.ts'

const trusts = (address: string) => address.startsWith('10.')
const PEER = '10.0.0.1'
const clientOf = (forwardedFor?: string, forwarded?: string) => {
  const headers = new Headers()
  if (forwardedFor !== undefined) headers.append('x-forwarded-for', forwardedFor)
  if (forwarded !== undefined) headers.append('forwarded', forwarded)
  return readClient(PEER, headers, trusts)
}

test.each([
  ['nothing said', undefined, PEER],
  ['one client', '1.2.3.4', '1.2.3.4'],
  ['a forged entry before the real one', '9.9.9.9, 1.2.3.4', '1.2.3.4'],
  ['trusted proxies on the way', '1.2.3.4, 10.0.0.2, 10.0.0.3', '1.2.3.4'],
  ['only trusted ones', '10.0.0.2', '10.0.0.2'],
  ['nonsense to the left of a proxy', 'evil, 10.0.0.2', '10.0.0.2'],
  ['nonsense last', '1.2.3.4, evil', PEER],
  ['an address that is none', '1.2.3.4, 999.1.1.1', PEER],
  ['a port', '1.2.3.4:5678', '1.2.3.4'],
  ['IPv6 with a port', '[2001:db8::1]:5678', '2001:db8::1'],
  ['IPv6 bare', '2001:db8::1', '2001:db8::1'],
  ['IPv6 in another spelling', '2001:DB8:0::01', '2001:db8::1'],
  ['IPv4 in IPv6', '::ffff:1.2.3.4', '1.2.3.4'],
])('X-Forwarded-For with %s', (_name, field, expected) => {
  expect(clientOf(field)).toEqual({ client: expected, believed: true })
})

test.each([
  ['one client', 'for=1.2.3.4', '1.2.3.4'],
  ['names in any case and more parameters', 'By=10.0.0.1;FOR=1.2.3.4;proto=http;host="a:1"', '1.2.3.4'],
  ['a forged element first', 'for=9.9.9.9, for=1.2.3.4;proto=https', '1.2.3.4'],
  ['trusted proxies on the way', 'for=1.2.3.4,for=10.0.0.2 , for="10.0.0.3:80"', '1.2.3.4'],
  ['IPv6 with a port', 'for="[2001:db8::1]:4711"', '2001:db8::1'],
  ['an obfuscated port', 'for="1.2.3.4:_x1"', '1.2.3.4'],
  ['an obfuscated client', 'for=_hidden, for=10.0.0.2', '10.0.0.2'],
  ['an unknown client', 'for=unknown', PEER],
  ['an element without for', 'proto=https', PEER],
  ['a comma in quotes', 'for=9.9.9.9;host="a,for=8.8.8.8", for=1.2.3.4', '1.2.3.4'],
  ['an escaped quote', 'host="\\",for=8.8.8.8;x=\\"";for=1.2.3.4', '1.2.3.4'],
])('Forwarded with %s', (_name, field, expected) => {
  expect(clientOf(undefined, field)).toEqual({ client: expected, believed: true })
})

test.each([
  ['an open quote that would swallow the honest element', 'for="9.9.9.9, for=1.2.3.4'],
  ['two for in one element', 'for=9.9.9.9;for=1.2.3.4'],
  ['IPv6 without quotes', 'for=[2001:db8::1]'],
  ['spaces around the equals sign', 'for = 1.2.3.4'],
  ['no parameter', '1.2.3.4'],
  ['more elements than any chain', 'for=1.2.3.4,'.repeat(100)],
])('Forwarded with %s means nothing', (_name, field) => {
  expect(clientOf(undefined, field)).toEqual({ client: PEER, believed: false })
})

test('both fields count when they lead to the same client', () => {
  expect(clientOf('1.2.3.4, 10.0.0.2', 'for=1.2.3.4')).toEqual({ client: '1.2.3.4', believed: true })
})

test('neither counts when they do not', () => {
  expect(clientOf('1.2.3.4', 'for=9.9.9.9')).toEqual({ client: PEER, believed: false })
  expect(clientOf('1.2.3.4', 'for="')).toEqual({ client: PEER, believed: false })
})

test('whatever a client sends through an honest proxy, it is never taken for somebody else', () => {
  const random = seeded(5)
  const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)]!
  const pieces = [
    '9.9.9.9',
    '10.0.0.9',
    'for=9.9.9.9',
    'for=10.0.0.9',
    '"',
    '\\',
    ',',
    ';',
    ' ',
    'for=',
    '[::9]',
    '_x',
    'host="',
    '::9',
    ':',
  ]
  const forged = () => Array.from({ length: Math.floor(random() * 8) }, () => pick(pieces)).join('')
  const real = '1.2.3.4'
  for (let i = 0; i < 30_000; i++) {
    const [list, field] = [forged(), forged()]
    // What proxies do with the field they know: append or write anew; the one they do not know passes.
    const after = pick([
      [pick([`${list}, ${real}`, real]), pick([field, undefined])],
      [pick([list, undefined]), pick([`${field}, for=${real}`, `for=${real};proto=https`])],
      [`${list}, ${real}`, `${field}, for=${real}`],
    ])
    const { client } = clientOf(after[0], after[1])
    expect([real, PEER]).toContain(client)
  }
})

test('an IPv4 client on a dual-stack socket is the IPv4 client', () => {
  expect(plainAddress('::ffff:1.2.3.4')).toBe('1.2.3.4')
  expect(plainAddress('::1')).toBe('::1')
})
