// A chunked body read in two ways is a second request that one of the readers does not see.
import { expect, test } from 'vitest'
import { ChunkDecoder } from '../../../../proxy/lib/http1/chunked.ts'

function decode(pieces: Buffer[]) {
  const decoder = new ChunkDecoder()
  let body = ''
  let used = 0
  for (const piece of pieces) {
    if (decoder.done || decoder.problem !== '') break
    used += decoder.push(piece, { data: chunk => void (body += chunk.toString('latin1')) })
  }
  const { done, problem, trailers } = decoder
  return { body, used, done, problem, trailers }
}

const whole = (text: string) => decode([Buffer.from(text, 'latin1')])

test('data comes out, and not one byte after the end is taken', () => {
  const text = '5\r\nhello\r\n6;a=b\r\n world\r\n0\r\n\r\n'
  expect(whole(`${text}GET / HTTP/1.1`)).toEqual({
    body: 'hello world',
    used: text.length,
    done: true,
    problem: '',
    trailers: null,
  })
})

test('trailers are read', () => {
  expect(whole('0\r\nX-Sum: 1\r\nX-Two: 2\r\n\r\n')).toMatchObject({
    done: true,
    trailers: ['x-sum', '1', 'x-two', '2'],
  })
})

test('200 trailers are read', () => {
  expect(whole(`0\r\n${'X: 1\r\n'.repeat(200)}\r\n`)).toMatchObject({ done: true, problem: '' })
})

test('a Host among the trailers is dropped: it comes too late to mean anything but harm', () => {
  expect(whole('0\r\nX: 1\r\nHost: evil\r\n\r\n')).toMatchObject({ done: true, trailers: ['x', '1'] })
})

test('how the bytes are cut makes no difference', () => {
  for (const text of [
    '5\r\nhello\r\n00a;x="y"\r\n0123456789\r\n0\r\nA: b\r\nC: d\r\n\r\nrest',
    '5\r\nhelloX\r\n0\r\n\r\n',
    'z\r\n',
    '1\r\na\r\n0\r\nbad trailer\r\n\r\n',
  ]) {
    const bytes = Buffer.from(text, 'latin1')
    const expected = decode([bytes])
    for (let cut = 1; cut < bytes.length; cut++) {
      expect(decode([bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual(expected)
    }
    expect(decode([...bytes].map(byte => Buffer.from([byte])))).toEqual(expected)
  }
})

test.each([
  ['0x5\r\nhello\r\n', 'bad_chunk'],
  ['+5\r\nhello\r\n', 'bad_chunk'],
  ['-1\r\n', 'bad_chunk'],
  ['\r\n', 'bad_chunk'],
  ['5 \r\nhello\r\n', 'bad_chunk'],
  ['5\nhello\r\n', 'bad_chunk'],
  ['5\r\nhello\n', 'bad_chunk'],
  ['5\r\nhelloworld\r\n', 'bad_chunk'],
  ['fffffffffffffffff\r\n', 'bad_chunk'],
  ['5;a=\x01\r\nhello\r\n', 'bad_chunk'],
  ['5;a\nb\r\nhello\r\n', 'bad_chunk'],
  ['5;\r\nhello\r\n', 'bad_chunk'],
  ['5\t;a=b\r\nhello\r\n', 'bad_chunk'],
  ['5;a =b\r\nhello\r\n', 'bad_chunk'],
  ['5;a="b\r\nhello\r\n', 'bad_chunk'],
  ['0\r\nContent-Length: 5\r\n\r\n', 'bad_trailer'],
  ['0\r\nTransfer-Encoding: chunked\r\n\r\n', 'bad_trailer'],
  [`5;${'a'.repeat(300)}\r\nhello\r\n`, 'chunk_extension_too_large'],
  [`${`1;${'a'.repeat(200)}\r\nx\r\n`.repeat(30)}0\r\n\r\n`, 'chunk_extension_too_large'],
  ['0\r\nno colon\r\n\r\n', 'bad_trailer'],
  ['0\r\nX: 1\n\r\n', 'bad_trailer'],
  [`0\r\n${'X: 1\r\n'.repeat(201)}\r\n`, 'bad_trailer'],
  [`0\r\n${`X: ${'a'.repeat(1000)}\r\n`.repeat(20)}\r\n`, 'bad_trailer'],
])('%j is refused', (text, problem) => {
  expect(whole(text)).toMatchObject({ problem, done: false })
})
