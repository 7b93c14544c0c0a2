// The cache's decisions by table: every rule with its section of RFC 9111.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Headers } from '../../../../proxy/lib/headers.ts'
import { freshened, isSameForRange, isUnchanged } from '../../../../proxy/stages/cache/conditional.ts'
import { NO_DIRECTIVES, parseDirectives } from '../../../../proxy/stages/cache/directives.ts'
import { Entry } from '../../../../proxy/stages/cache/entry.ts'
import { judge, survivesError } from '../../../../proxy/stages/cache/freshness.ts'
import { primaryKey, recipe, relatedKey } from '../../../../proxy/stages/cache/key.ts'
import { isOverride } from '../../../../proxy/stages/cache/overrides.ts'
import { NO_OVERRIDES } from '../../../../proxy/stages/cache/policy.ts'
import { readRanges } from '../../../../proxy/stages/cache/range.ts'
import { isLasting, mayStore, type NotStored } from '../../../../proxy/stages/cache/storable.ts'
import { variantSuffix, varyNames } from '../../../../proxy/stages/cache/vary.ts'
import { sentenceOf } from '../../../../telemetry/reasons.ts'
import { exchange } from '../support.ts'

const NOW = Date.UTC(2026, 0, 1)
const USUAL = recipe({ drop: [], sort: false, headers: [], cookies: [] })
const http = (ms: number) => new Date(ms).toUTCString()

function store(fields: Record<string, string>, status = 200, authorized = false, tookMs = 0) {
  return mayStore(status, Headers.of(fields), { authorized, askedMs: NOW - tookMs, gotMs: NOW })
}

describe('directives (section 5.2)', () => {
  it.each([
    ['max-age=10', { maxAge: 10 }],
    ['MAX-AGE=10', { maxAge: 10 }],
    ['max-age="10"', { maxAge: 10 }],
    ['max-age=10, max-age=5', { maxAge: 5 }],
    ['max-age=abc', { maxAge: 0 }],
    ['max-age=-1', { maxAge: 0 }],
    ['max-age=1.5', { maxAge: 0 }],
    ['max-age', { maxAge: 0 }],
    ['max-age=99999999999', { maxAge: 2_147_483_648 }],
    ['max-stale', { maxStale: 2_147_483_648 }],
    [
      'private="set-cookie, no-store"',
      { private: false, noStore: false, fields: ['set-cookie', 'no-store'] },
    ],
    ['no-cache="x"', { noCache: false, fields: ['x'] }],
    ['foo="max-age=7, no-store", public', { public: true, maxAge: -1, noStore: false }],
    ['proxy-revalidate', { mustRevalidate: true }],
    ['x-max-age=3', { maxAge: -1 }],
    [',, ,public,', { public: true }],
  ])('%s', (field, expected) => {
    expect(parseDirectives(field)).toMatchObject(expected)
  })
})

describe('storing (section 3)', () => {
  it.each([
    ['explicit max-age', { 'cache-control': 'max-age=60' }, 60],
    ['s-maxage before max-age (4.2.1)', { 'cache-control': 'max-age=60, s-maxage=5' }, 5],
    ['max-age before Expires', { 'cache-control': 'max-age=60', expires: http(NOW - 1000) }, 60],
    ['Expires against Date', { expires: http(NOW + 30_000), date: http(NOW) }, 30],
    [
      'stale at once but with a grace (RFC 5861)',
      { 'cache-control': 'max-age=0, stale-while-revalidate=9' },
      0,
    ],
  ])('yes: %s', (_what, fields, lifetimeS) => {
    expect(store(fields)).toMatchObject({ lifetimeS })
  })

  it.each([
    ['no-freshness', {}],
    ['no-freshness', { 'last-modified': http(NOW - 1e9), etag: '"x"' }],
    ['no-freshness', { 'cache-control': 'public' }],
    ['no-freshness', { 'cache-control': 'max-age=0' }],
    ['no-freshness', { 'cache-control': 'max-age=60', age: '60' }],
    ['no-freshness', { expires: '0' }],
    ['no-freshness', { expires: 'tomorrow' }],
    ['no-freshness', { expires: http(NOW - 1) }],
    ['no-store', { 'cache-control': 'max-age=60, no-store' }],
    ['private', { 'cache-control': 'max-age=60, private' }],
    ['no-cache', { 'cache-control': 'max-age=60, no-cache' }],
    ['no-cache', { 'cache-control': 'no-cache' }],
    ['private', { 'cache-control': 'no-cache, private', etag: '"x"' }],
    ['set-cookie', { 'cache-control': 'no-cache', etag: '"x"', 'set-cookie': 'a=b' }],
    ['set-cookie', { 'cache-control': 'max-age=60', 'set-cookie': 'a=b' }],
    ['vary-star', { 'cache-control': 'max-age=60', vary: '*' }],
    ['vary-star', { 'cache-control': 'max-age=60', vary: '*, Foo' }],
    ['vary-star', { 'cache-control': 'max-age=60', vary: 'Foo ,*' }],
  ])('%s: %j', (why, fields) => {
    expect(store(fields as Record<string, string>)).toBe(why)
  })

  it.each([
    [true, {}],
    [true, { 'cache-control': 'max-age=0' }],
    [true, { expires: http(NOW - 1) }],
    [true, { 'cache-control': 'max-age=60, no-store' }],
    [true, { 'cache-control': 'max-age=60', 'set-cookie': 'a=b' }],
    [false, { 'cache-control': 'max-age=60', age: '60' }],
    [false, { 'cache-control': 'max-age=60', date: http(NOW - 60_000) }],
  ])('refused for good: %s: %j', (lasting, fields) => {
    const headers = Headers.of(fields as Record<string, string>)
    const why = store(fields as Record<string, string>) as NotStored
    expect(isLasting(why, 200, headers, NO_OVERRIDES, NOW)).toBe(lasting)
    // A route that guesses may think otherwise a moment later.
    const guessing = { ...NO_OVERRIDES, heuristicCapS: 60 }
    expect(isLasting('no-freshness', 200, headers, guessing, NOW)).toBe(false)
  })

  it.each([206, 304, 100, 226, 400, 401, 407, 413, 416, 421, 429, 431, 511])(
    'status %i is not stored',
    status => {
      expect(store({ 'cache-control': 'max-age=60' }, status)).toBe('status')
    },
  )

  it.each([
    ['max-age=60', 'authorization'],
    ['max-age=60, public', undefined],
    ['s-maxage=60', undefined],
    ['max-age=60, must-revalidate', undefined],
  ])('of a request with Authorization: %s (section 3.5)', (control, why) => {
    const outcome = store({ 'cache-control': control }, 200, true)
    expect(typeof outcome === 'string' ? outcome : undefined).toBe(why)
  })
})

describe('age (section 4.2.3)', () => {
  it.each([
    ['none known', {}, 0, 0],
    ['Age', { age: '7' }, 0, 7],
    ['Age and the time the answer took', { age: '7' }, 2000, 9],
    ['Date in this very second', { date: http(NOW) }, 0, 0],
    ['Date in the past', { date: http(NOW - 5000) }, 0, 5],
    ['the greater of both', { date: http(NOW - 5000), age: '3' }, 0, 5],
    ['Date in the future', { date: http(NOW + 5000) }, 0, 0],
    ['Age that is no number (section 5.1)', { age: 'old' }, 0, 0],
  ])('%s', (_what, fields, tookMs, ageS) => {
    const outcome = store(
      { 'cache-control': 'max-age=600', ...fields } as Record<string, string>,
      200,
      false,
      tookMs,
    )
    expect(typeof outcome === 'string' ? outcome : (NOW - outcome.bornMs) / 1000).toBe(ageS)
  })
})

describe('use (section 4.2)', () => {
  function entry(control: string): Entry {
    const fields = Headers.of({ 'cache-control': control })
    const freshness = mayStore(200, fields, { authorized: false, askedMs: NOW, gotMs: NOW })
    if (typeof freshness === 'string') throw new Error(freshness)
    return new Entry(200, fields, Buffer.alloc(0), freshness, NOW)
  }

  it.each([
    ['max-age=10', 9, '', 'fresh'],
    ['max-age=10', 10, '', 'expired'],
    ['max-age=10', 5, 'no-cache', 'request'],
    ['max-age=10', 5, 'max-age=4', 'request'],
    ['max-age=10', 4, 'max-age=4', 'fresh'],
    ['max-age=10', 5, 'min-fresh=6', 'request'],
    ['max-age=10', 5, 'min-fresh=5', 'fresh'],
    ['max-age=10', 15, 'max-stale=5', 'stale'],
    ['max-age=10', 16, 'max-stale=5', 'expired'],
    ['max-age=10', 9999, 'max-stale', 'stale'],
    ['max-age=10, must-revalidate', 15, 'max-stale', 'expired'],
    ['s-maxage=10', 15, 'max-stale', 'expired'],
    ['max-age=10, stale-while-revalidate=5', 15, '', 'revalidate-behind'],
    ['max-age=10, stale-while-revalidate=5', 16, '', 'expired'],
    ['max-age=10, stale-while-revalidate=5, must-revalidate', 11, '', 'expired'],
    ['max-age=10, stale-while-revalidate=5, proxy-revalidate', 11, '', 'expired'],
  ])('%s at age %i, asked %j → %s', (control, ageS, asked, use) => {
    expect(judge(entry(control), NOW + ageS * 1000, parseDirectives(asked))).toBe(use)
  })

  it.each([
    ['max-age=10, stale-if-error=60', 70, '', 'stale-if-error'],
    ['max-age=10, stale-if-error=60', 71, '', ''],
    ['max-age=10', 11, '', ''],
    ['max-age=10', 11, 'stale-if-error=5', 'stale-if-error'],
    ['max-age=10, stale-if-error=60, must-revalidate', 11, '', ''],
    ['max-age=10, stale-if-error=60', 11, 'no-cache', ''],
  ])('on error: %s at age %i, asked %j → %s (RFC 5861 section 4)', (control, ageS, asked, survives) => {
    expect(survivesError(entry(control), NOW + ageS * 1000, parseDirectives(asked))).toBe(survives)
  })

  it('tells age and time to live in whole seconds', () => {
    const stored = entry('max-age=10')
    expect([stored.ageS(NOW + 3500), stored.ttlS(NOW + 3500)]).toEqual([3, 6])
    const { flat } = stored.fields(NOW + 3500)
    expect(flat.slice(-4)).toEqual([
      'age',
      '3',
      'cache-status',
      expect.stringMatching(/^oriel; hit; ttl=6; key=/),
    ])
    expect(stored.fields(NOW + 12_000).flat.at(-1)).toContain('ttl=-2')
    expect(flat.at(-1)).toContain('ttl=6')
  })

  it('has no opinion where nothing was asked', () => {
    expect(NO_DIRECTIVES).toMatchObject({ maxAge: -1, noCache: false })
  })
})

describe('vary (section 4.1)', () => {
  it('names come in order, once, lower-case', () => {
    expect(varyNames('Origin, accept-encoding,ORIGIN, ')).toEqual(['accept-encoding', 'origin'])
    expect(varyNames(undefined)).toEqual([])
  })

  it.each([
    [{ 'accept-encoding': 'gzip, br' }, { 'accept-encoding': 'br;q=0.9,gzip' }, true],
    [{ 'accept-encoding': 'gzip' }, { 'accept-encoding': 'br' }, false],
    [{ 'accept-encoding': 'gzip, deflate' }, { 'accept-encoding': 'gzip' }, true],
    [{ foo: 'a,b' }, { foo: 'a ,  b' }, true],
    [{ foo: 'a' }, {}, false],
    [{ foo: '' }, {}, false],
    [{ foo: 'x'.repeat(5000) }, { foo: `${'x'.repeat(4999)}y` }, false],
  ])('%j and %j are the same: %s', (one, other, same) => {
    const suffix = (fields: Record<string, string | undefined>) =>
      variantSuffix(['accept-encoding', 'foo'], Headers.of(fields as Record<string, string>))
    expect(suffix(one) === suffix(other)).toBe(same)
    expect(suffix(one).length).toBeLessThan(300)
  })
})

describe('conditions (RFC 9110 section 13)', () => {
  const modifiedMs = NOW
  it.each([
    ['"a"', '"a"', '', true],
    ['"a"', 'W/"a"', '', true],
    ['W/"a"', '"a"', '', true],
    ['"a"', '"b", "a"', '', true],
    ['"a,b"', '"x", "a,b"', '', true],
    ['"a"', '"b"', '', false],
    ['"a"', 'a', '', false],
    ['"a"', '*', '', true],
    ['', '"a"', '', false],
    ['"a"', '"b"', http(NOW), false],
    ['', '', http(NOW), true],
    ['', '', http(NOW - 1000), false],
    ['', '', 'yesterday', false],
    ['"a"', '', '', false],
  ])('entry %s, If-None-Match %s, If-Modified-Since %s → %s', (etag, match, since, unchanged) => {
    expect(isUnchanged({ etag, modifiedMs }, match, since)).toBe(unchanged)
  })

  it.each([
    ['"a"', '"a"', true],
    ['W/"a"', 'W/"a"', false],
    ['"a"', '"b"', false],
    ['"a"', http(NOW), true],
    ['"a"', http(NOW - 1000), false],
  ])('If-Range: entry %s, %s → %s (section 13.1.5)', (etag, ifRange, same) => {
    expect(isSameForRange({ etag, lastModified: http(NOW), datesStrongly: true }, ifRange)).toBe(same)
  })

  it('a 304 replaces what it repeats and leaves what describes the body (RFC 9111 section 3.2)', () => {
    const stored = ['etag', '"a"', 'x', '1', 'x', '2', 'content-type', 'text/html']
    const update = Headers.of({
      x: '3',
      'content-type': 'text/plain',
      'content-length': '0',
      'cache-control': 'max-age=5',
    })
    expect(freshened(stored, update).flat).toEqual([
      'etag',
      '"a"',
      'content-type',
      'text/html',
      'x',
      '3',
      'cache-control',
      'max-age=5',
    ])
  })
})

describe('ranges (RFC 9110 section 14)', () => {
  it.each([
    ['bytes=0-4', [{ first: 0, last: 4 }]],
    ['bytes=5-', [{ first: 5, last: 9 }]],
    ['bytes=5-500', [{ first: 5, last: 9 }]],
    ['bytes=-3', [{ first: 7, last: 9 }]],
    ['bytes=-30', [{ first: 0, last: 9 }]],
    ['bytes=10-', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=5-2', undefined],
    ['items=0-1', undefined],
    ['bytes=-', undefined],
    ['nonsense', undefined],
  ])('%s of 10 bytes', (field, expected) => {
    expect(readRanges(field, 10)).toEqual(expected)
  })
})

describe('key (section 2)', () => {
  it.each([
    ['http://a.example/x?q=1', 'http://a.example/x?q=1'],
    ['https://a.example:8443/x', 'https://a.example:8443/x'],
    ['http://a.example/?b=%41&&a', 'http://a.example/?b=%41&&a'],
  ])('%s', (url, key) => {
    expect(primaryKey(exchange({ url }), USUAL)).toBe(key)
  })

  it('holds what a trusted proxy says of host and scheme, and nothing of the kind from a stranger', () => {
    const headers = { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' }
    expect(primaryKey(exchange({ headers }), USUAL)).toBe('http://app.example.com/')
    expect(primaryKey(exchange({ headers, trusted: true }), USUAL)).toContain('evil.example')
  })

  it.each([
    ['/b?c', 'http://app.example.com/b?c'],
    ['../b', 'http://app.example.com/b'],
    ['http://app.example.com/b', 'http://app.example.com/b'],
    ['https://app.example.com/b', undefined],
    ['http://other.example/b', undefined],
    ['http://[', undefined],
  ])('relates %s (section 4.4)', (reference, key) => {
    expect(relatedKey(exchange({ url: 'http://app.example.com/a/x' }), reference, USUAL)).toBe(key)
  })

  it('knows the fields that choose another resource', () => {
    for (const name of ['x-original-url', 'x-rewrite-url', 'x-http-method-override', 'x-host']) {
      expect(isOverride(name), name).toBe(true)
    }
    expect(isOverride('accept')).toBe(false)
  })
})

it('the guide and the sentences know every reason not to store', () => {
  const read = (path: string) => readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8')
  const union = /type NotStored =([^/]*?)\n\n/.exec(read('proxy/stages/cache/storable.ts'))![1]!
  const reasonsOf = [...union.matchAll(/'([a-z-]+)'/g)].map(match => match[1]!)
  expect(reasonsOf.length).toBeGreaterThan(12)
  const guide = read('docs/guides/caching.md')
  for (const reason of reasonsOf) {
    expect(guide, reason).toContain(`\`${reason}\``)
    const sentence = sentenceOf({ stage: 'cache', reason: 'not-stored', a: 0, b: 0, text: reason })
    expect(sentence).not.toBe(`Not stored: ${reason}.`)
  }
})
