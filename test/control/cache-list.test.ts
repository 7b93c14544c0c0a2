// One list of what several workers hold: each response once, with what it did in all of them.
import { expect, it } from 'vitest'
import { cacheList } from '../../control/cache-list.ts'
import type { ListedEntry } from '../../proxy/stages/cache/disk/listed-entry.ts'

const wanted = { host: '', prefix: '', tag: '', sort: 'saved', limit: 2 } as const

function row(id: number, hits: number, storedAt: number): ListedEntry {
  return {
    ...{ id, url: `http://app.test/${id}`, keyRest: '', vary: [], variant: '', host: 'app.test', route: '*' },
    ...{ status: 200, bytes: 10, storedAt, usedAt: storedAt, ageS: 0, ttlS: 60, tags: [], copies: 1 },
    ...{ hits, savedBytes: hits * 10 },
  }
}

it('adds up what two workers have of the same, and keeps the newer one’s word', () => {
  const page = cacheList(
    [
      { rows: [row(1, 2, 100), row(2, 5, 100)], total: 2 },
      { rows: [row(1, 4, 200)], total: 1 },
    ],
    wanted,
  )
  expect(page.rows.map(({ id, hits, copies, storedAt }) => [id, hits, copies, storedAt])).toEqual([
    [1, 6, 2, 200],
    [2, 5, 1, 100],
  ])
  expect(page).toMatchObject({ total: 2, next: null, listed: true })
})

it('does not say how many there are where a worker did not say, or had more', () => {
  expect(cacheList([{ rows: [row(1, 1, 1)], total: 1 }, null], wanted).total).toBeNull()
  expect(cacheList([{ rows: [row(1, 1, 1)], total: 7 }], wanted).total).toBeNull()
})
