// Random variations of messages: mostly well-formed, so that each hits a rule and not only the first one.
import type { Random } from '../random.ts'

export interface Corpus {
  seeds: readonly string[]
  pieces: readonly string[]
}

const COMMON = [
  '\r\n',
  '\n',
  '\r',
  ' ',
  '\t',
  ':',
  ';',
  ',',
  '\0',
  '\x0b',
  '\x7f',
  '\xff',
  '"',
  '\\',
  '0',
  '1',
  '00',
  'a',
  '+',
  '-',
  '0x',
  '\r\n\r\n',
  '\r\n ',
  '\n\n',
  ' \r\n',
  '\t\r\n',
  ';\r\n',
  ';a="',
  '0\r\n\r\n',
  '5\r\nhello\r\n',
  'Content-Length: 5\r\n',
  'Content-Length: 0\r\n',
  'Content-Length: 5, 5\r\n',
  'content-length:\t5 \r\n',
  'Content-Length: 05\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Transfer-Encoding: identity\r\n',
  'Transfer-Encoding:\tchunked \r\n',
  'TE: trailers\r\n',
  'Transfer-Encoding\r\n: chunked\r\n',
  'Transfer-Encoding : chunked\r\n',
  'Transfer_Encoding: chunked\r\n',
  'X: y\r\n z\r\n',
  'chunked',
  ', chunked',
  'gzip, ',
  'identity, ',
  'Connection: close\r\n',
  'Connection: keep-alive\r\n',
  'Keep-Alive: timeout=1\r\n',
  'HTTP/1.1',
  'HTTP/1.0',
  'HTTP/1.',
  '\x80',
  'é',
]

export const REQUESTS: Corpus = {
  seeds: [
    'GET / HTTP/1.1\r\nHost: x\r\nAccept: */*\r\n\r\n',
    'POST /a?b=c HTTP/1.1\r\nHost: x:80\r\nContent-Length: 5\r\nX-A: 1\r\n\r\nhello',
    'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
    'PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTrailer: T\r\n\r\n1;a=b\r\nx\r\n0\r\nT: 1\r\n\r\n',
    'GET http://x/ HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\n\r\n',
    // A head that comes again is read once.
    'GET /a HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(3),
    'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n'.repeat(2),
    'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab'.repeat(2),
    'HEAD / HTTP/1.0\r\nHost: x\r\n\r\n',
    'GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n',
    'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 30\r\n\r\nGET /s HTTP/1.1\r\nHost: x\r\n\r\n..GET /2 HTTP/1.1\r\nHost: x\r\n\r\n',
    'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n',
  ],
  pieces: [
    ...COMMON,
    'Host: y\r\n',
    'GET ',
    'POST /p ',
    'GET /3 HTTP/1.1\r\nHost: x\r\n\r\n',
    '/',
    '*',
    '#',
    'http://y/',
  ],
}

export const REPLIES: Corpus = {
  seeds: [
    'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: T\r\n\r\n5;a=b\r\nhello\r\n6\r\n world\r\n0\r\nT: 1\r\n\r\n',
    'HTTP/1.1 200 OK\r\nX: y\r\n\r\nuntil the end',
    'HTTP/1.0 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nok',
    'HTTP/1.1 204 No Content\r\n\r\n',
    'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n',
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
    'HTTP/1.1 404\r\nContent-Length: 0\r\nSet-Cookie: a=b\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison',
  ],
  pieces: [
    ...COMMON,
    '200',
    '204',
    '304',
    '100',
    '101',
    '999',
    ' OK',
    'HTTP/1.1 100 \r\n\r\n',
    'Upgrade: x\r\n',
  ],
}

const pick = <T>(random: Random, list: readonly T[]): T => list[Math.floor(random() * list.length)]!

export function mutate(random: Random, { seeds, pieces }: Corpus): string {
  let text = pick(random, seeds)
  // None at all, now and then: what is well-formed must pass.
  for (let changes = Math.floor(random() * 4); changes > 0; changes--) {
    const at = placeIn(random, text)
    const kind = random()
    const piece = pick(random, pieces)
    if (kind < 0.5) text = text.slice(0, at) + piece + text.slice(at)
    else if (kind < 0.7) text = text.slice(0, at) + text.slice(at + 1 + Math.floor(random() * 3))
    else if (kind < 0.9) text = text.slice(0, at) + piece + text.slice(at + piece.length)
    else text = text.slice(0, at) + String.fromCharCode(Math.floor(random() * 256)) + text.slice(at + 1)
  }
  return text
}

/** Half of the changes stand where lines begin and end. */
function placeIn(random: Random, text: string): number {
  const at = Math.floor(random() * (text.length + 1))
  if (random() < 0.5) return at
  const line = text.indexOf('\r\n', at)
  return line < 0 ? at : line + (random() < 0.5 ? 0 : 2)
}

/** The same bytes in one to five pieces. */
export function cut(random: Random, text: string): Buffer[] {
  const bytes = Buffer.from(text, 'latin1')
  const places = Array.from({ length: Math.floor(random() * 5) }, () =>
    Math.floor(random() * (bytes.length + 1)),
  )
  const edges = [0, ...places.sort((a, b) => a - b), bytes.length]
  return edges
    .slice(1)
    .map((edge, i) => bytes.subarray(edges[i]!, edge))
    .filter(piece => piece.length > 0)
}
