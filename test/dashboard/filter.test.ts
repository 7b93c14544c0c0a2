// The filter as chips: reading, writing, and what a click does to it.
import { describe, expect, it } from 'vitest'
import {
  addChips,
  chipOf,
  formatFilter,
  hasChip,
  parseFilter,
  removeChip,
  replaceChip,
  splitFilter,
  suggest,
  toggleChip,
} from '../../dashboard/src/lib/filter.ts'

describe('reading', () => {
  it('cuts at blanks outside quotes', () => {
    expect(splitFilter('  route:shop  "free text" -path:"/a b"')).toEqual([
      'route:shop',
      '"free text"',
      '-path:"/a b"',
    ])
    expect(splitFilter('"unclosed text')).toEqual(['"unclosed text"'])
  })

  it('takes a chip apart', () => {
    expect(parseFilter('-status:5xx')).toEqual([
      { negated: true, field: 'status', value: '5xx', quoted: false },
    ])
    expect(parseFilter('"a \\"b\\""')).toEqual([{ negated: false, field: '', value: 'a "b"', quoted: true }])
    expect(parseFilter('upstream:127.0.0.1:4001')[0]).toMatchObject({
      field: 'upstream',
      value: '127.0.0.1:4001',
    })
  })

  it('writes back what it read', () => {
    for (const q of [
      'route:/api/* status:5xx duration:>250ms -method:GET free',
      'status:500,502',
      '"free text" ua:"a, b"',
      'a\\b',
    ]) {
      expect(formatFilter(parseFilter(q))).toBe(q)
    }
  })
})

describe('a click', () => {
  it('adds, and takes away when it is there', () => {
    const chip = chipOf('status', '5xx')
    expect(toggleChip('route:shop', chip)).toBe('route:shop status:5xx')
    expect(toggleChip('route:shop status:5xx', chip)).toBe('route:shop')
  })

  it('replaces another value of the same field, but adds up exclusions and flags', () => {
    expect(toggleChip('status:4xx', chipOf('status', '5xx'))).toBe('status:5xx')
    expect(toggleChip('-status:4xx', chipOf('status', '5xx', true))).toBe('-status:4xx -status:5xx')
    expect(toggleChip('is:failed', chipOf('is', 'retried'))).toBe('is:failed is:retried')
  })

  it('turns an exclusion round', () => {
    expect(toggleChip('-status:5xx', chipOf('status', '5xx'))).toBe('status:5xx')
  })

  it('quotes what the language would read otherwise', () => {
    expect(toggleChip('', chipOf('ua', 'Mozilla, like Gecko'))).toBe('ua:"Mozilla, like Gecko"')
  })

  it('sets several at once without taking one away', () => {
    const chips = [chipOf('route', 'shop'), chipOf('is', 'failed')]
    expect(addChips('route:shop', chips)).toBe('route:shop is:failed')
    expect(hasChip('route:shop is:failed', 'is', 'failed')).toBe(true)
  })
})

describe('editing', () => {
  it('rewrites, splits and removes', () => {
    expect(replaceChip('a status:5xx b', 1, 'status:404 method:GET')).toBe('a status:404 method:GET b')
    expect(replaceChip('a b', 1, '')).toBe('a')
    expect(removeChip('a b c', 1)).toBe('a c')
  })

  it('suggests fields, then the values seen', () => {
    expect(suggest('st', new Map())).toEqual(['status:'])
    expect(suggest('-st', new Map())).toEqual(['-status:'])
    const facets = new Map([['method', ['GET', 'POST']]])
    expect(suggest('method:po', facets)).toEqual(['method:POST'])
    expect(suggest('method:POST', facets)).toEqual([])
  })
})
