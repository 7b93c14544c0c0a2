// The entries on disk: what is read is what was written, the budget holds, and purges take what they name.
import { readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { openShelf } from '../../../../../proxy/stages/cache/disk/open-shelf.ts'
import { ShelfPurger } from '../../../../../proxy/stages/cache/disk/purge-shelf.ts'
import { Shelf } from '../../../../../proxy/stages/cache/disk/shelf.ts'
import type { PurgeWords } from '../../../../../proxy/stages/cache/purge/purge-words.ts'
import { readPurge } from '../../../../../proxy/stages/cache/purge/read-purge.ts'
import { openDriver } from '../../../../../telemetry/store/driver.ts'
import { tempDir } from '../../../../telemetry/temp-dir.ts'
import { bodyOf, NOW, stored } from './stored.ts'

let directory: string
let file: string
let aside: string[]
let gone: number[]

beforeEach(() => {
  directory = tempDir()
  file = join(directory, 'cache.db')
  aside = []
  gone = []
})

function open(budgetBytes = 64 * 1024 ** 2): Shelf {
  const db = openShelf(file, openDriver, sentence => aside.push(sentence))
  return new Shelf(db, budgetBytes, { gone: resource => gone.push(resource) })
}

const url = (path: string) => `http://app.test${path}`

function read(shelf: Shelf, primary: string, suffix: string | null = null): string | undefined {
  const lookup = shelf.find(primary, suffix)
  return lookup !== null && 'found' in lookup ? lookup.body.toString() : undefined
}

function purgeOf(words: PurgeWords) {
  const purge = readPurge(words)
  if (typeof purge === 'string') throw new Error(purge)
  return purge
}

test('what was stored is there after a restart, head and body', () => {
  const first = open()
  const head = stored(url('/a'), { tags: ['x', 'y'] })
  first.put(head, bodyOf('a'), NOW)
  first.setState('entries', first.entries)
  first.db.close()
  const again = open()
  expect(again.entries).toBe(1)
  expect(again.find(url('/a'), null)).toEqual({ found: head, body: bodyOf('a') })
  expect(again.find(url('/b'), null)).toBeNull()
})

test('variants are told apart, and those told apart by other fields are gone', () => {
  const shelf = open()
  const variant = (suffix: string, names: string[]) => stored(url('/a'), { suffix, names })
  shelf.put(variant('\ngzip', ['accept-encoding']), Buffer.from('gzip'), NOW)
  shelf.put(variant('\nbr', ['accept-encoding']), Buffer.from('br'), NOW)
  expect(shelf.find(url('/a'), null)).toEqual({ varies: ['accept-encoding'] })
  expect(read(shelf, url('/a'), '\nbr')).toBe('br')
  expect(read(shelf, url('/a'), '\ngzip')).toBe('gzip')
  shelf.put(variant('\nde\nbr', ['accept-language', 'accept-encoding']), Buffer.from('de'), NOW)
  expect(read(shelf, url('/a'), '\nbr')).toBeUndefined()
  expect(shelf.entries).toBe(1)
})

test.each([
  ['a body of which a part is missing', 'UPDATE stored SET body = substr(body, 1, 100)'],
  ['a body with other bytes', 'UPDATE stored SET body = zeroblob(2000)'],
  ['a head with other fields', "UPDATE stored SET head = replace(head, 'plain', 'html')"],
])('%s is a miss, and is not asked for again', (_, sql) => {
  const shelf = open()
  shelf.put(stored(url('/a')), bodyOf('a'), NOW)
  shelf.db.run(sql)
  expect(shelf.find(url('/a'), null)).toBeNull()
  expect([shelf.torn, shelf.entries, gone.length]).toEqual([1, 0, 1])
})

test('a new head leaves the body where it is, and what is known of it', () => {
  const shelf = open()
  shelf.put(stored(url('/a'), { tags: ['red'] }), bodyOf('a'), NOW)
  shelf.db.run('UPDATE entry SET hits = 7')
  const fresh = stored(url('/a'), { head: ['etag', '"2"'], bornMs: NOW + 5000, tags: ['blue'] })
  expect(shelf.freshen(fresh)).toBe(true)
  expect(shelf.find(url('/a'), null)).toEqual({ found: fresh, body: bodyOf('a') })
  expect(shelf.db.all('SELECT hits FROM entry')).toEqual([{ hits: 7 }])
  expect(shelf.db.all('SELECT tag FROM tag')).toEqual([{ tag: 'blue' }])
  expect(shelf.freshen(stored(url('/never')))).toBe(false)
})

test('another key with the same number is a miss', () => {
  const shelf = open()
  shelf.put(stored(url('/a')), bodyOf('a'), NOW)
  shelf.db.run("UPDATE entry SET url = 'http://app.test/other'")
  expect(shelf.find(url('/a'), null)).toBeNull()
})

test('the budget holds: the longest unused go, large ones earlier', { timeout: 30_000 }, () => {
  const budget = 4 * 1024 ** 2
  const shelf = open(budget)
  shelf.put(stored(url('/small-old')), bodyOf('small'), NOW)
  shelf.put(stored(url('/large-old')), bodyOf('large', 900_000), NOW)
  for (let n = 0; n < 4000; n++) {
    shelf.put(stored(url(`/${n}`)), bodyOf(String(n)), NOW + 60_000 + n)
    expect(shelf.bytes).toBeLessThanOrEqual(budget)
  }
  expect(read(shelf, url('/large-old'))).toBeUndefined()
  expect(read(shelf, url('/3999'))).toBe(bodyOf('3999').toString())
  expect(shelf.evictions).toBeGreaterThan(1000)
  expect(statSync(file).size).toBeLessThanOrEqual(budget * 1.1)
})

test('what is used stays longer', () => {
  const shelf = open(2 * 1024 ** 2)
  shelf.put(stored(url('/used')), bodyOf('used'), NOW)
  const ident = shelf.db.all<{ ident: number }>('SELECT ident FROM entry')[0]!.ident
  for (let n = 0; n < 2000; n++) {
    shelf.put(stored(url(`/${n}`)), bodyOf(String(n)), NOW + n)
    if (n % 100 === 0) shelf.used(ident, 3, NOW + n)
  }
  expect(read(shelf, url('/used'))).toBe(bodyOf('used').toString())
  expect(shelf.db.all('SELECT hits FROM entry WHERE ident = ?', ident)).toEqual([{ hits: 60 }])
})

test.each([
  [
    'garbage',
    () => writeFileSync(file, 'no database at all, but long enough to be taken for one'.repeat(100)),
  ],
  [
    'of a newer version',
    () => {
      const shelf = open()
      shelf.db.run('PRAGMA user_version = 99')
      shelf.db.close()
    },
  ],
  [
    'with tables of something else',
    () => {
      const db = openDriver(file, false)
      db.run('CREATE TABLE other (id INTEGER)')
      db.run('PRAGMA user_version = 1')
      db.close()
    },
  ],
])(
  'a database that is %s is set aside under a new name, said once, and the cache starts empty',
  (_, spoil) => {
    spoil()
    expect(open().entries).toBe(0)
    expect(aside).toEqual([expect.stringMatching(/^cache\.db was set aside as cache\.db\.aside-\S+ \(.+\)/)])
    expect(readdirSync(directory).filter(name => /^cache\.db\.aside-[\dT]+$/.test(name))).toHaveLength(1)
    open()
    expect(aside).toHaveLength(1)
  },
)

test.each<[string, PurgeWords, string[]]>([
  ['a URL with all its variants', { urls: [url('/a')] }, ['/a', '/a']],
  ['a prefix, which may end inside a word', { prefixes: [url('/b/o')] }, ['/b/one']],
  ['a prefix with letters that mean something elsewhere', { prefixes: [url('/%')] }, ['/%2525_']],
  ['a host', { hosts: ['other.test'] }, ['/o']],
  ['tags', { tags: ['red', 'none'] }, ['/a', '/b/two']],
  ['several kinds at once', { tags: ['red'], urls: [url('/b/two')] }, ['/a', '/b/two']],
])('a purge takes %s and nothing else', (_, words, meant) => {
  const shelf = open()
  const vary = { names: ['accept'], tags: [] as string[] }
  shelf.put(stored(url('/a'), { ...vary, suffix: '\nx', tags: ['red'] }), bodyOf('x'), NOW)
  shelf.put(stored(url('/a'), { ...vary, suffix: '\ny' }), bodyOf('y'), NOW)
  shelf.put(stored(url('/b/one')), bodyOf('one'), NOW)
  shelf.put(stored(url('/b/two'), { tags: ['blue', 'red'] }), bodyOf('two'), NOW)
  shelf.put(stored(url('/%2525_')), bodyOf('percent'), NOW)
  shelf.put(stored('https://other.test:8443/o'), bodyOf('o'), NOW)
  const purger = new ShelfPurger(shelf)
  expect(purger.purge({ ...purgeOf(words), dryRun: true }, NOW).count).toBe(meant.length)
  expect(shelf.entries).toBe(6)
  expect(purger.busy).toBe(false)
  expect(purger.purge(purgeOf(words), NOW).idents).toHaveLength(meant.length)
  // What was purged already is not counted again, cleared away or not.
  expect(purger.purge(purgeOf(words), NOW).count).toBe(0)
  while (purger.busy) purger.step()
  expect(shelf.entries).toBe(6 - meant.length)
  expect(shelf.db.all('SELECT id FROM tag WHERE id NOT IN (SELECT id FROM entry)')).toEqual([])
})

test('a purge of everything takes effect at once and clears away afterwards', () => {
  const shelf = open()
  for (let n = 0; n < 1000; n++) shelf.put(stored(url(`/${n}`)), bodyOf(String(n)), NOW)
  const purger = new ShelfPurger(shelf)
  expect(purger.purge(purgeOf({ all: true }), NOW).count).toBe(1000)
  expect(read(shelf, url('/1'))).toBeUndefined()
  shelf.put(stored(url('/1')), Buffer.from('new'), NOW)
  while (purger.busy) purger.step()
  expect([shelf.entries, read(shelf, url('/1'))]).toEqual([1, 'new'])
})

test.each<[string, PurgeWords]>([
  ['of some', { hosts: ['app.test'], soft: true }],
  ['of all', { all: true, soft: true }],
])('a soft purge %s makes stale and keeps', (_, words) => {
  const shelf = open()
  shelf.put(stored(url('/a')), bodyOf('a'), NOW)
  const purger = new ShelfPurger(shelf)
  purger.purge(purgeOf(words), NOW + 10_000)
  while (purger.busy) purger.step()
  const lookup = shelf.find(url('/a'), null)
  expect(lookup).toMatchObject({ found: { lifetimeS: 10 } })
})
