// Limits, logs and rules name the client by this: whoever can forge it escapes all three.
import { expect, test } from 'vitest'
import { clientAddress, plainAddress } from '../../../proxy/lib/client-address.ts'

const trusts = (address: string) => address.startsWith('10.')

test.each([
  ['nothing said', undefined, '10.0.0.1'],
  ['one client', '1.2.3.4', '1.2.3.4'],
  ['a forged entry before the real one', '9.9.9.9, 1.2.3.4', '1.2.3.4'],
  ['trusted proxies on the way', '1.2.3.4, 10.0.0.2, 10.0.0.3', '1.2.3.4'],
  ['only trusted ones', '10.0.0.2', '10.0.0.2'],
  ['nonsense to the left of a proxy', 'evil, 10.0.0.2', '10.0.0.2'],
  ['nonsense last', '1.2.3.4, evil', '10.0.0.1'],
  ['a port', '1.2.3.4:5678', '1.2.3.4'],
  ['IPv6 with a port', '[2001:db8::1]:5678', '2001:db8::1'],
  ['IPv6 bare', '2001:db8::1', '2001:db8::1'],
])('%s', (_name, field, expected) => {
  expect(clientAddress('10.0.0.1', field, trusts)).toBe(expected)
})

test('an IPv4 client on a dual-stack socket is the IPv4 client', () => {
  expect(plainAddress('::ffff:1.2.3.4')).toBe('1.2.3.4')
  expect(plainAddress('::1')).toBe('::1')
})
