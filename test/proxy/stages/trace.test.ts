// Trace: who is believed, what is started, what the client is told.
import { expect, it } from 'vitest'
import { trace } from '../../../proxy/stages/trace.ts'
import { type Ask, ok, reasons, send, stageEnv } from './support.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const SPAN = '00f067aa0ba902b7'
const parent = `00-${TRACE}-${SPAN}-01`

async function through(trust: 'all' | 'trusted' | 'none', ask: Ask) {
  const seen = await send([trace.create({ trust }, stageEnv())!], () => ok(), ask)
  return { ...seen, reason: reasons(seen.x, 'trace') }
}

it('starts a trace where there is none', async () => {
  const { x, reason } = await through('all', {})
  expect(reason).toEqual(['started'])
  expect(x.traceId).toMatch(/^[0-9a-f]{32}$/)
  expect(x.spanId).toMatch(/^[0-9a-f]{16}$/)
  expect(x.parentId).toBe('')
  expect(x.traceFlags).toBe(1)
})

it('joins a valid one with a span of its own', async () => {
  const { x, reason } = await through('all', { headers: { traceparent: parent, tracestate: 'a=1, b=2' } })
  expect(reason).toEqual(['joined'])
  expect(x).toMatchObject({ traceId: TRACE, parentId: SPAN, traceFlags: 1, traceState: 'a=1,b=2' })
  expect(x.spanId).not.toBe(SPAN)
})

it('ignores tracestate when traceparent is invalid (section 3.3)', async () => {
  const { x, reason } = await through('all', { headers: { traceparent: 'nonsense', tracestate: 'a=1' } })
  expect(reason).toEqual(['invalid'])
  expect(x.traceState).toBe('')
  expect(x.traceId).not.toBe(TRACE)
})

it('takes two traceparent fields for none', async () => {
  const { reason } = await through('all', { headers: ['traceparent', parent, 'traceparent', parent] })
  expect(reason).toEqual(['invalid'])
})

it.each([
  ['none', true, 'restarted'],
  ['trusted', false, 'restarted'],
  ['trusted', true, 'joined'],
] as const)('trust %s, peer trusted %s: %s', async (trust, trusted, expected) => {
  const { reason } = await through(trust, { trusted, headers: { traceparent: parent, tracestate: 'a=1' } })
  expect(reason).toEqual([expected])
})

it.each([
  ['a stranger’s id is never kept', false, 'abc-1', false],
  ['a trusted proxy’s is', true, 'abc-1', true],
  ['unless it holds odd characters', true, 'abc"<1>', false],
  ['or is too long', true, 'a'.repeat(129), false],
])('request id: %s', async (_what, trusted, id, kept) => {
  const { x, headers } = await through('all', { trusted, headers: { 'x-request-id': id } })
  expect(x.requestId).toBe(kept ? id : x.spanId)
  expect(headers.all('x-request-id')).toEqual([x.requestId])
})

it('replaces an upstream’s request id', async () => {
  const { x, headers } = await send([trace.create({ trust: 'all' }, stageEnv())!], () =>
    ok('', { 'x-request-id': 'theirs' }),
  )
  expect(headers.all('x-request-id')).toEqual([x.requestId])
})
