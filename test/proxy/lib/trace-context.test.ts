// W3C Trace Context, section by section.
import { describe, expect, it } from 'vitest'
import { cleanTracestate, parseTraceparent } from '../../../proxy/lib/trace-context.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const SPAN = '00f067aa0ba902b7'

describe('traceparent', () => {
  it.each([
    ['version 00', `00-${TRACE}-${SPAN}-01`, 1],
    ['not sampled', `00-${TRACE}-${SPAN}-00`, 0],
    ['unknown flags are masked (3.2.2.5)', `00-${TRACE}-${SPAN}-ff`, 1],
    [
      'a later version is read by its first 55 characters (3.2.4)',
      `cc-${TRACE}-${SPAN}-01-what-the-future`,
      1,
    ],
    ['a later version of exactly 55 characters', `cc-${TRACE}-${SPAN}-00`, 0],
  ])('is taken: %s', (_what, value, flags) => {
    expect(parseTraceparent(value)).toEqual({ traceId: TRACE, parentId: SPAN, flags })
  })

  it.each([
    ['version ff (3.2.2.1)', `ff-${TRACE}-${SPAN}-01`],
    ['version 00 with more', `00-${TRACE}-${SPAN}-01-x`],
    ['a later version without the dash after 55', `cc-${TRACE}-${SPAN}-01.x`],
    ['all-zero trace id (3.2.2.3)', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['all-zero parent id (3.2.2.4)', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['capitals', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
    ['two fields', `00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`],
    ['two fields of a later version', `cc-${TRACE}-${SPAN}-01-x, cc-${TRACE}-${SPAN}-01`],
    ['short flags', `00-${TRACE}-${SPAN}-1`],
    ['space around', ` 00-${TRACE}-${SPAN}-01`],
    ['nothing', ''],
  ])('is refused: %s', (_what, value) => {
    expect(parseTraceparent(value)).toBeUndefined()
  })
})

describe('tracestate', () => {
  it.each([
    ['one member', 'rojo=00f067aa0ba902b7', 'rojo=00f067aa0ba902b7'],
    ['order is kept, space dropped', 'rojo=1 , congo=2', 'rojo=1,congo=2'],
    ['empty members are allowed (3.3.1.1)', 'rojo=1,,congo=2, ', 'rojo=1,congo=2'],
    ['a tenant', 'fw529a3039@dt=abc', 'fw529a3039@dt=abc'],
    ['a duplicate key', 'a=1,a=2', ''],
    ['a capital in the key', 'A=1', ''],
    ['no value', 'a=', ''],
    ['an equals sign in the value', 'a=b=c', ''],
    ['nothing at all', '', ''],
  ])('%s', (_what, given, kept) => {
    expect(cleanTracestate(given)).toBe(kept)
  })

  it('holds at most 32 members (3.3.1.1)', () => {
    const list = (n: number) => Array.from({ length: n }, (_, i) => `k${i}=v`).join(',')
    expect(cleanTracestate(list(32))).toBe(list(32))
    expect(cleanTracestate(list(33))).toBe('')
  })

  it('is shortened to 512 characters: long members first, then from the end (3.3.1.5)', () => {
    const long = `long=${'x'.repeat(150)}`
    const short = (i: number) => `k${i}=${'y'.repeat(90)}`
    const kept = cleanTracestate([long, short(1), short(2), short(3), short(4), short(5)].join(','))
    expect(kept).toBe([short(1), short(2), short(3), short(4), short(5)].join(','))
    const many = Array.from({ length: 10 }, (_, i) => short(i))
    expect(cleanTracestate(many.join(','))).toBe(many.slice(0, 5).join(','))
  })
})
