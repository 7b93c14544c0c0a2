// A log line that carries what an attacker sent must not speak to the terminal it is read on, nor keep a secret.
import { expect, test } from 'vitest'
import { escapeBytes } from '../../../proxy/lib/escape-bytes.ts'
import { seeded } from '../../support/random.ts'

test('whatever came, what goes out is short printable ASCII', () => {
  const random = seeded(3)
  for (let i = 0; i < 2000; i++) {
    const bytes = Buffer.from(Array.from({ length: Math.floor(random() * 600) }, () => random() * 256))
    const text = escapeBytes(bytes.toString('latin1'))
    expect(text).toMatch(/^[\x20-\x7e]*$/)
    expect(text.length).toBeLessThanOrEqual(256 * 4)
  }
})

test('every byte can be told from its escape', () => {
  expect(escapeBytes('a\x1b[31m\r\n\t\\x1b\x00\x7f\x9b\xff')).toBe(
    'a\\x1b[31m\\r\\n\\t\\\\x1b\\x00\\x7f\\x9b\\xff',
  )
})

test.each([
  ['a field', 'GET / HTTP/1.1\r\nAuthorization: Basic s3cret\r\nHost: x'],
  ['a field in odd case, with a space', 'GET / HTTP/1.1\r\nCOOKIE : a=s3cret'],
  ['a folded field', 'GET / HTTP/1.1\r\nAuthorization: Basic\r\n s3cret\r\n\ts3cret'],
  ['bare line ends', 'GET / HTTP/1.1\nSet-Cookie: s3cret\nx'],
  ['a query value', 'GET /?a=1&api_key=s3cret HTTP/1.1'],
  ['a secret across the cut', `GET /${'a'.repeat(200)}?token=${'s3cret'.repeat(40)} HTTP/1.1`],
])('%s does not carry its secret into the log', (_name, bytes) => {
  expect(escapeBytes(bytes)).not.toContain('s3cret')
  expect(escapeBytes(bytes)).toContain('[redacted]')
})
