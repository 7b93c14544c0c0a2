// Rows 76 to 87: what is matched is what is forwarded; a path of two readings is a way around every rule.
import { type ClientCase, testClientCases } from '../../support/client-case.ts'

const get = (target: string) => `GET ${target} HTTP/1.1\r\nHost: x\r\n\r\n`
const refused = (row: string, target: string, reason: string): ClientCase => ({
  row,
  what: `${target} is refused`,
  bytes: get(target),
  answers: [400],
  fate: 'closes',
  reason,
})
const passes = (row: string, target: string, as: string): ClientCase => ({
  row,
  what: `${target} is ${as}`,
  bytes: get(target),
  answers: [200],
  fate: 'stays',
  reaches: [`GET ${as}`],
  record: { route: 'x', path: as.split('?', 1)[0]! },
})

testClientCases([
  passes('76', '/a/../b', '/b'),
  passes('76b', '/a/./b/..', '/a/'),
  refused('76c', '/../etc/passwd', 'above_root'),
  refused('76d', '/a/../../b', 'above_root'),
  passes('77', '/a/%2e%2e/b', '/b'),
  passes('77b', '/a/%2E./b', '/b'),
  refused('77c', '/%2e%2e/b', 'above_root'),
  // Escaped it stays, and is never decoded here: 78, 79. In strict routes these and 86 are 400: test/wire/strict-path.test.ts.
  passes('78', '/a%2fb', '/a%2Fb'),
  passes('78b', '/a/..%2fb', '/a/..%2Fb'),
  passes('79', '/a%5cb', '/a%5Cb'),
  refused('80', '/a\\b', 'forbidden_character'),
  passes('80b', '/a?b\\c', '/a?b\\c'),
  refused('81', '/a%00', 'hostile_escape'),
  refused('82', '/a%0d%0aX:1', 'hostile_escape'),
  refused('82b', '/a%0Ab', 'hostile_escape'),
  refused('83', '/a%zz', 'bad_escape'),
  refused('83b', '/a%2', 'bad_escape'),
  passes('84', '/%252e%252e/a', '/%252e%252e/a'),
  passes('85', '//evil.test/a', '/evil.test/a'),
  passes('85b', '/a//b', '/a/b'),
  passes('86', '/a;b=c/d.css', '/a;b=c/d.css'),
  refused('87', '/%c0%ae%c0%ae/a', 'hostile_escape'),
  refused('87b', '/%ff', 'hostile_escape'),
  passes('87c', '/%c3%a9', '/%C3%A9'),
  // The query is the backend's: byte for byte, whatever it holds.
  passes('87d', '/q?a=%zz&b=/../..&c=%00&d=//?e', '/q?a=%zz&b=/../..&c=%00&d=//?e'),
  passes('87e', '/q?', '/q?'),
])
