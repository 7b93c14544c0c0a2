// Rows 24 to 41: field lines that two readers split differently, or that only wait for memory to run out.
import { expect } from 'vitest'
import { type ClientCase, testClientCases } from '../../support/client-case.ts'
import { fieldOf } from '../../support/strict-reader.ts'

const get = (fields: string) => `GET /f HTTP/1.1\r\nHost: x\r\n${fields}\r\n\r\n`
const refused = (row: string, what: string, bytes: string, reason: string, status = 400): ClientCase => ({
  row,
  what,
  bytes,
  answers: [status],
  fate: 'closes',
  reason,
})
const passes = (
  row: string,
  what: string,
  fields: string,
  backend: NonNullable<ClientCase['backend']>,
): ClientCase => ({
  row,
  what,
  bytes: get(fields),
  answers: [200],
  fate: 'stays',
  reaches: ['GET /f'],
  backend,
})

testClientCases([
  refused('24', 'NUL in a value', get('X: a\0b'), 'control_character'),
  refused('25', 'bare CR in a value', get('X: a\rb'), 'control_character'),
  refused('25b', 'CR before the line end', get('X: a\r\r\nY: 1'), 'control_character'),
  refused('26', 'bare LF line ends', 'GET /f HTTP/1.1\nHost: x\n\n', 'bare_lf'),
  refused('26b', 'one bare LF among CRLF', 'GET /f HTTP/1.1\r\nHost: x\nX: 1\r\n\r\n', 'bare_lf'),
  refused('26c', 'an empty line of a bare LF', 'GET /f HTTP/1.1\r\nHost: x\r\n\n', 'bare_lf'),
  refused('27', 'obs-fold', get('X: 1\r\n 2'), 'bad_field'),
  refused('27b', 'obs-fold in the first field', 'GET /f HTTP/1.1\r\n Host: x\r\n\r\n', 'bad_field'),
  refused('28', 'space in a name', get('X Y: 1'), 'bad_field'),
  refused('28b', 'space before the colon', get('X : 1'), 'bad_field'),
  refused('28c', 'tab before the colon', get('X\t: 1'), 'bad_field'),
  refused('29', 'no colon', get('nonsense'), 'bad_field'),
  refused('30', 'empty name', get(': 1'), 'bad_field'),
  refused('31', 'a name with 0x80 and above', get('X\xe9: 1'), 'bad_field'),
  passes('32', 'obs-text in a value passes byte for byte', 'X-T: caf\xe9 \x80\xff', request =>
    expect(fieldOf(request, 'x-t')).toBe('caf\xe9 \x80\xff'),
  ),
  passes('33', 'UTF-8 in a value passes byte for byte', 'X-T: \xf0\x9f\x98\x80', request =>
    expect(fieldOf(request, 'x-t')).toBe('\xf0\x9f\x98\x80'),
  ),
  refused('34', 'Transfer_Encoding', get('Transfer_Encoding: chunked'), 'framing_twin'),
  refused('34b', 'Content.Length', get('Content.Length: 5'), 'framing_twin'),
  // With `allowUnderscores`, and over HTTP/2: test/wire/underscores.test.ts.
  passes(
    '34c',
    'another name with an underscore or a dot is dropped',
    'X_Own: 1\r\nX.Own: 2\r\nX-Own: 3',
    request => expect(request.fields.filter(([name]) => /x.own/.test(name))).toEqual([['x-own', '3']]),
  ),
  refused('35', 'control character in a value', get('X: a\x01b'), 'control_character'),
  refused('35b', 'DEL in a value', get('X: a\x7fb'), 'control_character'),
  passes('36', '200 fields', Array.from({ length: 199 }, (_, i) => `X-${i}: 1`).join('\r\n'), request =>
    expect(request.fields.filter(([name]) => /^x-\d+$/.test(name))).toHaveLength(199),
  ),
  refused(
    '36b',
    '201 fields',
    get(Array.from({ length: 200 }, (_, i) => `X-${i}: 1`).join('\r\n')),
    'too_many_fields',
    431,
  ),
  refused('37', '3000 fields', get('X: 1\r\n'.repeat(2999).slice(0, -2)), 'head_too_large', 431),
  passes('38', 'one field of 9 KB', `X-T: ${'a'.repeat(9216)}`, request =>
    expect(fieldOf(request, 'x-t')).toHaveLength(9216),
  ),
  refused('39', 'one field of 20 KB', get(`X: ${'a'.repeat(20_480)}`), 'head_too_large', 431),
  refused('40', 'one field of 70 KB', get(`X: ${'a'.repeat(71_680)}`), 'head_too_large', 431),
  refused('41', 'fields of 1.2 MB', get(`${'X: 123456\r\n'.repeat(120_000)}Y: 1`), 'head_too_large', 431),
])
