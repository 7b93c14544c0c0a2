// The filter of keys on disk: what it forgets is fetched again from the upstream, what it makes up is asked for nothing.
import { expect, test } from 'vitest'
import { KeySet } from '../../../../../proxy/stages/cache/disk/key-set.ts'
import { seeded } from '../../../../support/random.ts'

test('holds exactly what was added and not deleted, however it grows and shrinks', () => {
  const next = seeded(7)
  const set = new KeySet()
  const model = new Set<number>()
  for (let step = 0; step < 50_000; step++) {
    const ident = Math.floor(next() * 8000)
    if (next() < 0.6) {
      set.add(ident)
      model.add(ident)
    } else {
      set.delete(ident)
      model.delete(ident)
    }
  }
  // 0 and 1 share a word: see the class.
  model.delete(0)
  model.delete(1)
  for (let ident = 2; ident < 8000; ident++) expect(set.has(ident)).toBe(model.has(ident))
})

test('takes at most 16 bytes a key', () => {
  const set = new KeySet()
  const next = seeded(9)
  for (let n = 0; n < 100_000; n++) set.add(Math.floor(next() * 2 ** 48))
  expect(set.bytes / set.size).toBeLessThanOrEqual(16)
})
