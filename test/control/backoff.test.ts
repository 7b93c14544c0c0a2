// Restart delays: at once for the first five deaths in a minute, then longer and longer.
import { expect, it } from 'vitest'
import { Backoff } from '../../control/backoff.ts'

it('waits longer the more often a process dies within a minute', () => {
  const backoff = new Backoff()
  const waits = Array.from({ length: 14 }, (_, i) => backoff.next(1000 + i))
  expect(waits).toEqual([0, 0, 0, 0, 0, 100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000])
  expect(backoff.next(1000 + 14 + 60_000)).toBe(0)
})
