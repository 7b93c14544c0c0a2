// Where a route says otherwise than its responses: what it may change, what it may not, and that it is told.
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { generateSchema } from '../../../../config/generate-schema.ts'
import { ProxyError } from '../../../../proxy/pipeline/errors.ts'
import { cacheSchema } from '../../../../proxy/stages/cache/config.ts'
import { sentenceOf } from '../../../../telemetry/reasons.ts'
import { ok } from '../support.ts'
import { cacheStatus, counting, settle, told, World } from './world.ts'

const parse = (given: unknown) => cacheSchema(z).parse(given)
const cut = () => {
  throw new ProxyError('connection_refused', 'refused')
}
const answering =
  (status: number, fields: Record<string, string> = {}) =>
  () => {
    const reply = ok(`status ${status}`, fields)
    reply.status = status
    return reply
  }

describe('schema', () => {
  it('reads the object form', () => {
    const given = {
      ttl: { '404': '10s', '5xx': '0s' },
      grace: '1m',
      staleIfError: '1h',
      heuristics: '2d',
      methods: ['GET'],
      key: { drop: ['utm_*'], sort: true, headers: ['X-Tenant'], cookies: ['currency'] },
      bypass: { headers: ['X-Preview'], cookies: ['session'], paths: ['/admin/*'] },
      tags: ['shop'],
    }
    expect(parse(given)).toMatchObject({
      ttlS: { '404': 10, '5xx': 0 },
      graceS: 60,
      staleIfErrorS: 3600,
      heuristicCapS: 86_400,
      methods: ['GET'],
      key: { drop: ['utm_*'], sort: true, headers: ['x-tenant'], cookies: ['currency'] },
      bypass: { headers: ['x-preview'], cookies: ['session'], paths: ['/admin/*'] },
      tags: ['shop'],
    })
    // It crosses to the workers as JSON.
    expect(JSON.parse(JSON.stringify(parse(given)))).toEqual(parse(given))
  })

  it.each([
    { ttl: { '999': '1s' } },
    { ttl: { '1xx': '1s' } },
    { methods: ['HEAD'] },
    { methods: ['GET', 'POST'] },
    { key: { headers: ['a b'] } },
    { key: { cookies: ['a=b'] } },
    { bypass: { paths: ['admin'] } },
    { tags: ['two words'] },
    { key: { headers: Array.from({ length: 9 }, (_, i) => `h${i}`) } },
  ])('refuses %j', given => {
    expect(cacheSchema(z).safeParse(given).success).toBe(false)
  })

  it('says of each override that it departs from the RFC', () => {
    const marks = generateSchema().match(/Departs from [^"]*/g) ?? []
    expect(marks.length).toBe(4)
  })
})

describe('ttl', () => {
  const ttl = (ttlS: Record<string, number>) => ({ ttlS })

  it('gives a status a lifetime, from its arrival, and says so', async () => {
    const world = new World(counting({ age: '100' }), ttl({ '200': 30 }))
    await world.get()
    world.pass(29)
    const seen = await world.get()
    expect([seen.x.cache, cacheStatus(seen)]).toEqual(['hit', 'oriel; hit; ttl=1; detail=ttl-override'])
    expect(seen.headers.get('age')).toBe('129')
    world.pass(1)
    expect((await world.get()).x.cache).toBe('miss')
  })

  it('the status before its class', async () => {
    const world = new World(answering(404), ttl({ '4xx': 0, '404': 10 }))
    await world.get()
    expect((await world.get()).x.cache).toBe('hit')
    world.origin = answering(410, { 'cache-control': 'max-age=60' })
    const seen = await world.get({ url: 'http://app.example.com/b' })
    expect(seen.x.notes.at(-1)).toMatchObject({ reason: 'not-stored', text: 'ttl-override' })
  })

  it.each([
    { 'cache-control': 'no-store' },
    { 'cache-control': 'private' },
    { 'cache-control': 'no-cache' },
    { 'set-cookie': 'a=b' },
    { vary: '*' },
  ])('does not touch what forbids storing: %j', async fields => {
    const world = new World(counting(fields as unknown as Record<string, string>), ttl({ '2xx': 60 }))
    await world.get()
    expect((await world.get()).x.cache).toBe('miss')
  })

  it.each([206, 401, 429])('nor a status that is never stored: %i', async status => {
    const world = new World(answering(status), ttl({ [status]: 60 }))
    await world.get()
    expect(world.room.store.entries).toBe(0)
  })
})

describe('grace', () => {
  it('answers stale while the new one is fetched behind, and says so', async () => {
    const world = new World(counting({ 'cache-control': 'max-age=60' }), { graceS: 30 })
    await world.get()
    world.pass(90)
    const stale = await world.get()
    expect([...told(stale), cacheStatus(stale)]).toEqual([
      'answer 1',
      'stale',
      ['stale'],
      'oriel; hit; ttl=-30; detail=grace',
    ])
    await settle()
    expect(told(await world.get()).slice(0, 2)).toEqual(['answer 2', 'hit'])
  })

  it.each([
    ['grace', { graceS: 300 }, 'stale-while-revalidate=1', 200],
    ['staleIfError', { staleIfErrorS: 300 }, '', 200],
    ['staleIfError, too late', { staleIfErrorS: 3 }, '', 502],
    ['grace with must-revalidate', { graceS: 300 }, 'must-revalidate', 502],
    ['grace with s-maxage (section 5.2.2.10)', { graceS: 300 }, 's-maxage=60', 502],
  ])('on failure: %s', async (_what, rules, control, status) => {
    const world = new World(counting({ 'cache-control': `max-age=60, ${control}` }), rules)
    await world.get()
    world.pass(90)
    world.origin = cut
    const seen = await world.get()
    expect(seen.status).toBe(status)
    if (status === 200 && _what === 'staleIfError')
      expect(cacheStatus(seen)).toBe('oriel; fwd=stale; ttl=-30; detail=grace')
  })

  it('alone makes nothing storable', async () => {
    const world = new World(counting({}), { graceS: 300, staleIfErrorS: 300 })
    await world.get()
    expect(world.room.store.entries).toBe(0)
  })
})

describe('heuristics (section 4.2.2)', () => {
  const changed = (daysAgo: number) => ({
    'last-modified': new Date(Date.UTC(2026, 0, 1) - daysAgo * 86_400_000).toUTCString(),
  })

  it.each([
    ['a tenth of the time since it changed', changed(1), 200, 8640],
    ['a day at most', changed(1000), 200, 86_400],
    ['nothing without Last-Modified', {}, 200, 0],
    ['nothing where it changed in the future', changed(-1), 200, 0],
    ['nothing where it says how long', { ...changed(10), 'cache-control': 'max-age=0' }, 200, 0],
    ['nothing for a status it may not guess for', changed(10), 302, 0],
    ['but for one that is public', { ...changed(1), 'cache-control': 'public' }, 302, 8640],
  ])('%s', async (_what, fields, status, lifetimeS) => {
    const world = new World(answering(status, fields as unknown as Record<string, string>), {
      heuristicCapS: 86_400,
    })
    await world.get()
    const seen = await world.get()
    if (lifetimeS === 0) expect(seen.x.cache).toBe('miss')
    else expect(cacheStatus(seen)).toBe(`oriel; hit; ttl=${lifetimeS}; detail=heuristic`)
  })
})

describe('bypass', () => {
  const rules = {
    bypass: { headers: ['x-preview'], cookies: ['session', 'wp_*'], paths: ['/admin/*', '/cart'] },
  }

  it.each([
    [{ headers: { 'x-preview': '1' } }, 'rule:header:x-preview'],
    [{ headers: { cookie: 'theme=dark; session=1' } }, 'rule:cookie:session'],
    [{ headers: { cookie: 'wp_logged_in=1' } }, 'rule:cookie:wp_*'],
    [{ url: 'http://app.example.com/admin/x' }, 'rule:path:/admin/*'],
    [{ url: 'http://app.example.com/cart?a' }, 'rule:path:/cart'],
    [{ url: 'http://app.example.com/cart/a' }, ''],
    [{ headers: { cookie: 'theme=session' } }, ''],
  ])('%j → %s', async (ask, rule) => {
    const world = new World(counting({ 'cache-control': 'max-age=60' }), rules)
    const seen = await world.get(ask)
    expect(seen.x.cache).toBe(rule === '' ? 'miss' : 'bypass')
    if (rule === '') return
    expect(seen.x.notes[0]).toMatchObject({ reason: 'bypass', text: rule })
    expect(cacheStatus(seen)).toBe('oriel; fwd=bypass; detail=rule')
    expect(sentenceOf(seen.x.notes[0]!)).toContain('the route’s bypass rule for ')
  })
})

it('methods: without HEAD it goes past the cache', async () => {
  const world = new World(counting({ 'cache-control': 'max-age=60' }), { methods: ['GET'] })
  await world.get()
  expect(cacheStatus(await world.get({ method: 'HEAD' }))).toBe('oriel; fwd=method')
  expect((await world.get()).x.cache).toBe('hit')
})
