// A header misread names the wrong client for everything on the connection, or eats the client's first bytes.
import { expect, test } from 'vitest'
import { crc32c } from '../../../proxy/lib/crc32c.ts'
import { localProxyHeader, proxyHeader } from '../../../proxy/lib/proxy-header.ts'
import { readProxyHeader } from '../../../proxy/wire/proxy-protocol.ts'
import { seeded } from '../../support/random.ts'

const SIGNATURE = '0d0a0d0a000d0a515549540a'
const hex = (text: string) => Buffer.from(SIGNATURE + text.replaceAll(' ', ''), 'hex')
const line = (text: string) => Buffer.from(`${text}\r\n`, 'latin1')

const source = { address: '192.0.2.7', port: 51_234 }
const destination = { address: '198.51.100.1', port: 443 }
const known = { kind: 'client', source, destination }
const v4 = hex('21 11 000c c0000207 c6336401 c822 01bb')
const six = {
  kind: 'client',
  source: { address: '2001:db8::7', port: 51_234 },
  destination: { address: '2001:db8::1', port: 443 },
}
const v6 = hex(`21 21 0024 20010db8${'00'.repeat(11)}07 20010db8${'00'.repeat(11)}01 c822 01bb`)

test.each([
  ['TCP4', line('PROXY TCP4 192.0.2.7 198.51.100.1 51234 443'), known],
  ['TCP6', line('PROXY TCP6 2001:DB8::7 2001:db8:0::1 51234 443'), six],
  ['UNKNOWN', line('PROXY UNKNOWN'), { kind: 'unknown' }],
  ['UNKNOWN with more', line('PROXY UNKNOWN ffff::1 x y z'), { kind: 'unknown' }],
  ['the longest UNKNOWN', line(`PROXY UNKNOWN ${'x'.repeat(91)}`), { kind: 'unknown' }],
  ['version 2, IPv4', v4, known],
  ['version 2, IPv6', v6, six],
  ['version 2, UNSPEC', hex('21 00 0000'), { kind: 'unknown' }],
  ['version 2, a Unix socket', hex(`21 31 00d8 ${'2f'.repeat(216)}`), { kind: 'unknown' }],
  ['version 2, LOCAL', hex('20 00 0000'), { kind: 'local' }],
  ['LOCAL with a block of any kind', hex('20 ff 0003 010203'), { kind: 'local' }],
  ['type-length-values passed over', hex('21 11 0013 c0000207 c6336401 c822 01bb 02 0001 61 04 0000'), known],
])('%s is read, and ends where it ends', (_name, bytes, header) => {
  expect(readProxyHeader(bytes)).toEqual({ header, length: bytes.length })
  expect(readProxyHeader(Buffer.concat([bytes, Buffer.from('GET / HTTP/1.1\r\n')]))).toEqual({
    header,
    length: bytes.length,
  })
  for (let length = 0; length < bytes.length; length++)
    expect(readProxyHeader(bytes.subarray(0, length))).toBeUndefined()
})

test.each([
  ['a request', Buffer.from('GET / HTTP/1.1\r\n')],
  ['a TLS hello', Buffer.from('1603010200', 'hex')],
  ['lower case', line('proxy TCP4 192.0.2.7 198.51.100.1 1 2')],
  ['two spaces', line('PROXY  TCP4 192.0.2.7 198.51.100.1 1 2')],
  ['a tab', line('PROXY TCP4\t192.0.2.7 198.51.100.1 1 2')],
  ['a space at the end', line('PROXY TCP4 192.0.2.7 198.51.100.1 1 2 ')],
  ['a bare LF', Buffer.from(`PROXY TCP4 192.0.2.7 198.51.100.1 1 2\nGET /${'a'.repeat(99)}`)],
  ['a leading zero in an address', line('PROXY TCP4 192.0.02.7 198.51.100.1 1 2')],
  ['a leading zero in a port', line('PROXY TCP4 192.0.2.7 198.51.100.1 01 2')],
  ['a port too high', line('PROXY TCP4 192.0.2.7 198.51.100.1 1 65536')],
  ['an address of the other family', line('PROXY TCP4 ::1 198.51.100.1 1 2')],
  ['a zone', line('PROXY TCP6 fe80::1%1 ::1 1 2')],
  ['a port missing', line('PROXY TCP4 192.0.2.7 198.51.100.1 1')],
  ['TCP5', line('PROXY TCP5 192.0.2.7 198.51.100.1 1 2')],
  ['UNKNOWNX', line('PROXY UNKNOWNX')],
  ['a line over 107 bytes', line(`PROXY UNKNOWN ${'x'.repeat(92)}`)],
  ['107 bytes without an end', Buffer.from(`PROXY UNKNOWN ${'x'.repeat(93)}`)],
  ['version 3', hex('31 11 000c c0000207 c6336401 c822 01bb')],
  ['command 2', hex('22 11 000c c0000207 c6336401 c822 01bb')],
  ['a datagram', hex('21 12 000c c0000207 c6336401 c822 01bb')],
  ['family 4', hex('21 41 000c c0000207 c6336401 c822 01bb')],
  ['addresses that do not fit', hex('21 11 000b c0000207 c6336401 c822 01')],
  ['a value longer than the header', hex('21 11 0010 c0000207 c6336401 c822 01bb 02 0002 61')],
  ['half a type-length-value', hex('21 11 000e c0000207 c6336401 c822 01bb 02 00')],
  ['a checksum of three bytes', hex('21 11 0012 c0000207 c6336401 c822 01bb 03 0003 000000')],
])('%s is no header', (_name, bytes) => {
  expect(readProxyHeader(bytes)).toEqual({ fault: 'bad_proxy_header' })
})

test('a header over its bound is refused before it is read', () => {
  expect(readProxyHeader(hex('21 11 ffff'))).toEqual({ fault: 'proxy_header_too_large' })
})

test('a checksum is the known one, and a single changed bit shows', () => {
  // The check value of the algorithm, as its catalogues list it.
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283)
  const bytes = hex('21 11 0013 c0000207 c6336401 c822 01bb 03 0004 00000000')
  bytes.writeUInt32BE(crc32c(bytes), bytes.length - 4)
  expect(readProxyHeader(bytes)).toEqual({ header: known, length: bytes.length })
  for (let bit = 16 * 8; bit < 28 * 8; bit++) {
    const changed = Buffer.from(bytes)
    changed[bit >> 3]! ^= 1 << (bit & 7)
    expect(readProxyHeader(changed)).toEqual({ fault: 'bad_proxy_checksum' })
  }
})

test('what we write is the specification byte for byte, and reads back', () => {
  expect(proxyHeader('v2', source, destination)).toEqual(v4)
  expect(proxyHeader('v2', six.source, six.destination)).toEqual(v6)
  expect(proxyHeader('v1', source, destination).toString()).toBe(
    'PROXY TCP4 192.0.2.7 198.51.100.1 51234 443\r\n',
  )
  expect(proxyHeader('v1', six.source, six.destination).toString()).toBe(
    'PROXY TCP6 2001:db8::7 2001:db8::1 51234 443\r\n',
  )
  expect(proxyHeader('v1', six.source, destination).toString()).toBe(
    'PROXY TCP6 2001:db8::7 ::ffff:c633:6401 51234 443\r\n',
  )
  expect(readProxyHeader(proxyHeader('v2', six.source, destination))).toMatchObject({
    header: { source: six.source, destination },
  })
  for (const version of ['v1', 'v2'] as const) {
    expect(proxyHeader(version, { address: '', port: 0 }, destination)).toEqual(localProxyHeader(version))
    expect(readProxyHeader(localProxyHeader(version))).toMatchObject({
      header: { kind: version === 'v1' ? 'unknown' : 'local' },
    })
  }
})

test('bytes at random and headers with random damage never read past their end', () => {
  const random = seeded(11)
  for (let i = 0; i < 20_000; i++) {
    const bytes = Buffer.concat([
      [v4, v6, line('PROXY TCP4 192.0.2.7 198.51.100.1 51234 443')][i % 3]!,
      Buffer.alloc(4),
    ])
    for (let n = Math.floor(random() * 4); n > 0; n--)
      bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256)
    const whole = readProxyHeader(bytes)
    if (whole === undefined) continue
    if ('length' in whole) {
      expect(whole.length).toBeLessThanOrEqual(bytes.length)
      expect(readProxyHeader(bytes.subarray(0, whole.length))).toEqual(whole)
      expect(readProxyHeader(bytes.subarray(0, whole.length - 1))).toBeUndefined()
    } else expect(whole.fault).toMatch(/^(bad_)?proxy_/)
  }
})
