// A Host that is read loosely routes a request to somebody else's app.
import { expect, test } from 'vitest'
import { readAuthority } from '../../../proxy/lib/authority.ts'

test.each([
  ['app.test', 'app.test', 0],
  ['App.Test:8080', 'app.test', 8080],
  ['app.test.', 'app.test', 0],
  ['127.0.0.1:1', '127.0.0.1', 1],
  ['[::1]:443', '[::1]', 443],
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
  'a\\b',
  'é',
])('%s is none', text => {
  expect(readAuthority(text)).toBeUndefined()
})
