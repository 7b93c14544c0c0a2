// Rows 42 to 49, 61 to 70: whom a request is for, read once: no Host, two Hosts, odd Hosts, odd targets.
import { expect } from 'vitest'
import { type ClientCase, testClientCases } from '../../support/client-case.ts'
import { fieldOf } from '../../support/strict-reader.ts'

const refused = (row: string, what: string, bytes: string, reason: string, status = 400): ClientCase => ({
  row,
  what,
  bytes,
  answers: [status],
  fate: 'closes',
  reason,
})
const host = (value: string) => `GET / HTTP/1.1\r\nHost: ${value}\r\n\r\n`
const line = (text: string) => `${text}\r\nHost: x\r\n\r\n`
const passes = (row: string, what: string, bytes: string, reaches: string, asHost: string): ClientCase => ({
  row,
  what,
  bytes,
  answers: [200],
  fate: 'stays',
  reaches: [reaches],
  backend: request => expect(fieldOf(request, 'host')).toBe(asHost),
})

testClientCases([
  refused('42', 'no Host', 'GET / HTTP/1.1\r\n\r\n', 'no_host'),
  refused('43', 'two Hosts', 'GET / HTTP/1.1\r\nHost: x\r\nHost: evil\r\n\r\n', 'two_hosts'),
  refused('43b', 'the same Host twice', 'GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n', 'two_hosts'),
  refused('44', 'Host with userinfo', host('user@x'), 'bad_host'),
  refused('45', 'Host with a path', host('x/y'), 'bad_host'),
  refused('45b', 'Host with a list', host('x, evil'), 'bad_host'),
  refused('45c', 'Host with a backslash', host('x\\evil'), 'bad_host'),
  refused('46', 'Host empty', host(''), 'bad_host'),
  refused('47', 'Host with port 99999', host('x:99999'), 'bad_host'),
  refused('47b', 'Host with a port of letters', host('x:http'), 'bad_host'),
  refused('47c', 'Host with an empty port', host('x:'), 'bad_host'),
  refused('47d', 'Host with two ports', host('x:80:81'), 'bad_host'),
  refused('47e', 'Host with half an IPv6 address', host('[::1'), 'bad_host'),
  passes('47f', 'Host with a port: matched without it, kept as it came', host('X:8080'), 'GET /', 'X:8080'),
  passes('47g', 'Host with a trailing dot: matched without it', host('x.'), 'GET /', 'x.'),
  refused('48', 'absolute form, another Host', line('GET http://evil/ HTTP/1.1'), 'host_mismatch'),
  refused('48b', 'absolute form, another port', line('GET http://x:81/ HTTP/1.1'), 'host_mismatch'),
  refused('48c', 'absolute form with userinfo', line('GET http://a@x/ HTTP/1.1'), 'bad_target'),
  refused('48d', 'absolute form without Host', 'GET http://x/ HTTP/1.1\r\n\r\n', 'no_host'),
  passes('48e', 'absolute form that agrees: origin form', line('GET http://X/a?b HTTP/1.1'), 'GET /a?b', 'X'),
  passes('48f', 'absolute form without a path', line('GET http://x?b HTTP/1.1'), 'GET /?b', 'x'),
  {
    row: '48g',
    what: 'absolute form of HTTP/1.0 without Host: its authority is the Host',
    bytes: 'GET http://x/a HTTP/1.0\r\n\r\n',
    answers: [200],
    fate: 'closes',
    reaches: ['GET /a'],
    backend: request => expect(fieldOf(request, 'host')).toBe('x'),
  },
  refused('49', 'absolute form of a file', line('GET file:///etc/passwd HTTP/1.1'), 'bad_target'),
  refused('49b', 'a target without slash', line('GET x HTTP/1.1'), 'bad_target'),
  {
    row: '61',
    what: 'OPTIONS *: answered here',
    bytes: line('OPTIONS * HTTP/1.1'),
    answers: [200],
    fate: 'stays',
    answer: reply => expect(fieldOf(reply, 'allow')).toContain('GET'),
  },
  refused('62', 'GET *', line('GET * HTTP/1.1'), 'bad_target'),
  refused('63', 'two spaces after the method', line('GET  / HTTP/1.1'), 'bad_request_line'),
  refused('63b', 'two spaces before the version', line('GET /  HTTP/1.1'), 'bad_request_line'),
  refused('63c', 'a space at the end of the line', line('GET / HTTP/1.1 '), 'bad_request_line'),
  refused('63d', 'a space before the method', line(' GET / HTTP/1.1'), 'bad_request_line'),
  refused('64', 'a space inside the target', line('GET /a b HTTP/1.1'), 'bad_request_line'),
  refused('65', 'tabs as separators', line('GET\t/\tHTTP/1.1'), 'bad_request_line'),
  refused('66', 'raw 0x80 and above in the target', line('GET /\xe9 HTTP/1.1'), 'bad_request_line'),
  refused('67', 'control character in the target', line('GET /\x01 HTTP/1.1'), 'control_character'),
  refused('68', 'fragment in the target', line('GET /a#b HTTP/1.1'), 'forbidden_character'),
  refused('68b', 'fragment behind the query', line('GET /a?b#c HTTP/1.1'), 'forbidden_character'),
  refused('69', 'URI of 9 KB', line(`GET /${'a'.repeat(9216)} HTTP/1.1`), 'url_too_long', 414),
  refused('69b', 'URI of 20 KB', line(`GET /${'a'.repeat(20_480)} HTTP/1.1`), 'url_too_long', 414),
  refused('70', 'URI of 70 KB', line(`GET /${'a'.repeat(71_680)} HTTP/1.1`), 'url_too_long', 414),
])
