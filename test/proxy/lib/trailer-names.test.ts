// A field that routes or authenticates, behind a body, is one that nobody checked.
import { expect, test } from 'vitest'
import { barredTrailer, framesMessage } from '../../../proxy/lib/trailer-names.ts'

test.each([
  'content-length',
  'transfer-encoding',
  'trailer',
  'host',
  'authorization',
  'cookie',
  'set-cookie',
  'content-type',
  'if-none-match',
  'cache-control',
  'x-forwarded-for',
  'x-forwarded-anything',
  'content_length',
  'x.real_ip',
])('%s may not come behind a body', name => expect(barredTrailer(name)).not.toBe(''))

test.each(['x-checksum', 'server-timing', 'content-digest', 'etag', 'grpc-status', 'authentication-info'])(
  '%s may',
  name => expect(barredTrailer(name)).toBe(''),
)

test('of a reply only what is of one message or one connection is kept back', () => {
  expect(['connection', 'keep-alive', 'content-length', 'te'].every(framesMessage)).toBe(true)
  expect(['grpc-status', 'location', 'x-sum'].some(framesMessage)).toBe(false)
})
