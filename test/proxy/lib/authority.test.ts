// A Host that is read loosely routes a request to somebody else's app.
import { expect, test } from 'vitest'
import { readAuthority } from '../../../proxy/lib/authority.ts'

test.each([
  ['app.test', 'app.test', 0],
  ['App.Test:8080', 'app.test', 8080],
  ['app.test.', 'app.test', 0],
  ['127.0.0.1:1', '127.0.0.1', 1],
  ['[::1]:443', '[::1]', 443],
  ['[0:0::0:1]', '[::1]', 0],
  ['[2001:DB8::A]', '[2001:db8::a]', 0],
  ['[::ffff:192.0.2.1]', '[::ffff:c000:201]', 0],
  ['_dmarc.app', '_dmarc.app', 0],
])('%s is host %s, port %d', (text, host, port) => {
  expect(readAuthority(text)).toEqual({ host, port })
})

test.each([
  '',
  ':80',
  'a@b',
  'a/b',
  'a:99999',
  'a:0',
  'a:b',
  'a b',
  '-a',
  'a..b',
  'a,b',
  '[::1',
  '[::::]',
  '[1:2]',
  '[1::2::3]',
  '[12345::]',
  '[192.0.2.1]',
  '[fe80::1%25eth0]',
  '[v1.x]',
  '[::1]x',
  'a\\b',
  'é',
])('%s is none', text => {
  expect(readAuthority(text)).toBeUndefined()
})
