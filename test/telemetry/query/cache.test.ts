// What the Cache page asks: entries as they lie on disk, and the reason that kept most answers out.
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import type { CacheSort } from '../../../control/admin/contract-cache.ts'
import { openShelf } from '../../../proxy/stages/cache/disk/open-shelf.ts'
import { Shelf } from '../../../proxy/stages/cache/disk/shelf.ts'
import { cacheAdvice } from '../../../telemetry/query/cache-advice.ts'
import { cacheEntries } from '../../../telemetry/query/cache-entries.ts'
import { newContext } from '../../../telemetry/query/context.ts'
import { Reader } from '../../../telemetry/query/reader.ts'
import type { ExchangeRecord } from '../../../telemetry/record.ts'
import { openDriver } from '../../../telemetry/store/driver.ts'
import { Store } from '../../../telemetry/store/store.ts'
import { bodyOf, NOW, stored } from '../../proxy/stages/cache/disk/stored.ts'
import { record, recordsJson, tallyCell } from '../records.ts'
import { tempDir } from '../temp-dir.ts'

let directory: string
beforeEach(() => {
  directory = tempDir()
})

const ask = {
  host: '',
  prefix: '',
  tag: '',
  sort: 'used' as CacheSort,
  after: null as string | null,
  limit: 100,
}

function entries(params: Partial<typeof ask>) {
  return cacheEntries({ ...ask, ...params }, newContext(new Reader(directory), 2000, NOW + 100_000))
}

function fill(): Shelf {
  const shelf = new Shelf(
    openShelf(join(directory, 'cache.db'), openDriver, () => {}),
    1e9,
    { gone: () => {} },
  )
  const suffix = '\ngzip'
  shelf.put(
    stored('http://a.test/1', { tags: ['red', 'blue'], names: ['accept-encoding'], suffix }),
    bodyOf('1', 100),
    NOW,
  )
  shelf.put(stored('http://a.test/2', { lifetimeS: 50 }), bodyOf('2', 5000), NOW + 1000)
  shelf.put(stored('https://b.test/x\nhttps\nfront', { tags: ['red'] }), bodyOf('3', 300), NOW + 2000)
  shelf.db.run("UPDATE entry SET hits = 90 WHERE url = 'http://a.test/1'")
  shelf.db.run("UPDATE entry SET hits = 3 WHERE url = 'http://a.test/2'")
  return shelf
}

test('without a cache on disk nothing is listed, and that is said', () => {
  expect(entries({})).toEqual({ rows: [], next: null, total: 0, listed: false })
})

test('an entry with its key, variant, age, ttl, size, hits, bytes saved and tags', () => {
  fill()
  expect(entries({ prefix: 'http://a.test/1' }).rows[0]).toMatchObject({
    url: 'http://a.test/1',
    keyRest: '',
    vary: ['accept-encoding'],
    variant: 'gzip',
    ageS: 100,
    ttlS: 3500,
    bytes: 100,
    hits: 90,
    savedBytes: 9000,
    tags: ['red', 'blue'],
  })
  expect(entries({ host: 'B.test' }).rows.map(row => row.keyRest)).toEqual(['https\nfront'])
  expect(entries({ prefix: 'http://a.test/2' }).rows[0]!.ttlS).toBe(-50)
})

test.each<[Partial<typeof ask>, string[]]>([
  [{ sort: 'used' }, ['x', '2', '1']],
  [{ sort: 'saved' }, ['2', '1', 'x']],
  [{ sort: 'size' }, ['2', 'x', '1']],
  [{ sort: 'stored', host: 'a.test' }, ['2', '1']],
  [{ tag: 'red' }, ['x', '1']],
])('%j in order, page by page', (params, expected) => {
  fill()
  expect(entries(params).rows.map(row => row.url.at(-1))).toEqual(expected)
  const seen: string[] = []
  for (let after: string | null = null; ; ) {
    const page = entries({ ...params, after, limit: 1 })
    expect(page.total).toBe(expected.length)
    seen.push(...page.rows.map(row => row.url.at(-1)!))
    after = page.next
    if (after === null) break
  }
  expect(seen).toEqual(expected)
})

test('what was purged is not listed, cleared away or not', () => {
  const shelf = fill()
  shelf.setState('space', shelf.space + 1)
  expect(entries({}).rows).toEqual([])
})

test('the advisor names the one reason that kept most of a route out', async () => {
  const store = Store.open({ dataDir: directory, ballastBytes: 0 })
  await store.ready
  const at = Date.now() - 2000
  const refused = (text: string): Partial<ExchangeRecord> => ({
    startedMs: at,
    route: 'shop',
    cache: 'miss',
    verdicts: [{ stage: 'cache', reason: 'not-stored', a: 0, b: 0, text, atUs: 1, tookUs: 1 }],
  })
  const repeated: Partial<ExchangeRecord> = {
    ...refused('reflected'),
    route: 'pages',
    verdicts: [
      { stage: 'cache', reason: 'reflected', a: 0, b: 0, text: 'x-theme', atUs: 1, tookUs: 1 },
      ...refused('reflected').verdicts!,
    ],
  }
  const rows = ['set-cookie', 'set-cookie', 'no-store', 'incomplete', 'incomplete', 'incomplete'].map(refused)
  store.records(recordsJson([...rows, repeated].map(over => record(over))))
  const cells = [
    tallyCell({ route: 'shop', cache: 'miss', outBytes: 6000 }, new Array(6).fill(900)),
    tallyCell({ route: 'pages', cache: 'miss' }, [900]),
    tallyCell({ route: 'shop', cache: 'hit', outBytes: 4000 }, new Array(4).fill(900)),
    tallyCell({ route: 'shop', cache: 'bypass', method: 'POST' }, new Array(5).fill(900)),
  ]
  store.tally(JSON.stringify({ atMs: at, cells }))
  await store.flush()
  const scope = { from: at - 60_000, to: Date.now() + 1000, q: '' }
  const answer = cacheAdvice({ scope }, newContext(new Reader(directory), 2000))
  await store.close()
  expect(answer.rows).toBe(7)
  expect(answer.routes[0]).toMatchObject({
    route: 'shop',
    requests: 15,
    cached: 4,
    missed: 6,
    reason: 'set-cookie',
    sentence: 'The reply sets a cookie.',
  })
  expect(answer.routes[0]!.reasonShare).toBeCloseTo(2 / 6)
  expect(answer.routes[0]!.hint).not.toBe('')
  expect(answer.routes[1]).toMatchObject({
    reason: 'reflected:x-theme',
    sentence: 'The reply repeats the request’s header x-theme, which is not in the key.',
  })
})
