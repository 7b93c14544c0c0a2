// Two parsers that disagree about a message are a way to smuggle one: ours lets nothing pass that llhttp refuses.
import { expect, test } from 'vitest'
import { readRequestsByGate } from '../support/fuzz/by-gate.ts'
import { readReplyByUpstream } from '../support/fuzz/by-upstream.ts'
import { minimise, runCampaign } from '../support/fuzz/campaign.ts'
import { readRequestsByLlhttp } from '../support/fuzz/llhttp.ts'

/** `npm run fuzz` is the long run. */
const CASES = 16_000

test(`${CASES} mutated requests and replies, cut anywhere: both parsers read the same, or a named rule says why not`, () => {
  const { cases, findings, used } = runCampaign(1, CASES)
  expect(findings).toEqual([])
  expect(cases).toBe(CASES)
  // Silence of a comparison that compares nothing would be worthless.
  expect(used.size).toBeGreaterThan(12)
})

test('the readers under comparison do read', () => {
  const text =
    'POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhelloGET /b HTTP/1.1\r\nHost: x\r\n\r\n'
  const pieces = [...Buffer.from(text)].map(byte => Buffer.from([byte]))
  for (const read of [readRequestsByGate, readRequestsByLlhttp]) {
    const { messages } = read(pieces)
    expect(messages.map(({ start, body, whole }) => [start, body, whole])).toEqual([
      ['POST /a', 'hello', true],
      ['GET /b', '', true],
    ])
  }
  const reply = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
  expect(readReplyByUpstream([reply], 'GET')).toMatchObject({
    reusable: true,
    messages: [{ start: '200', body: 'ok' }],
  })
  expect(readReplyByUpstream([reply, Buffer.from('x')], 'GET').reusable).toBe(false)
})

test('a finding is made small', () => {
  expect(minimise('aaaaXbbbbbbYccc', text => text.includes('X') && text.includes('Y'))).toBe('XY')
})
