// Retention by age and bytes: whole files, oldest first, never the one that is being written.
import { expect, test } from 'vitest'
import { dayFilesOf, parseDayFile, toDayFile } from '../../../telemetry/store/day-file.ts'
import { planRetention, type SizedFile } from '../../../telemetry/store/retention.ts'

const NOW = Date.UTC(2026, 10, 12, 12)
const MB = 1024 ** 2
const LIMITS = { maxAgeDays: 7, maxBytes: 100 * MB }

const file = (name: string, mb: number): SizedFile => ({ ...parseDayFile(name)!, bytes: mb * MB })
const plan = (files: SizedFile[], current = '20261112.db') => planRetention(files, current, NOW, LIMITS)

test('within both limits nothing goes', () => {
  expect(plan([file('20261106.db', 10), file('20261112.db', 10)])).toEqual({ remove: [], rotate: false })
})

test('a file goes when its last possible row is too old', () => {
  const files = [file('20261104.db', 1), file('20261105.db', 1), file('20261112.db', 1)]
  expect(plan(files).remove).toEqual(['20261104.db'])
})

test('over the bytes the oldest go until it fits', () => {
  const files = [
    file('20261109.db', 40),
    file('20261110.db', 40),
    file('20261111.db', 40),
    file('20261112.db', 20),
  ]
  expect(plan(files)).toEqual({ remove: ['20261109.db'], rotate: false })
})

test('the current file stays even alone over budget, and is followed by another', () => {
  expect(plan([file('20261111.db', 5), file('20261112.db', 300)])).toEqual({
    remove: ['20261111.db'],
    rotate: true,
  })
})

test('rotated files of one day go one by one', () => {
  const files = [file('20261112.db', 60), file('20261112-080000.db', 60), file('20261112-100000.db', 1)]
  expect(plan(files, '20261112-100000.db').remove).toEqual(['20261112.db'])
})

test('names say where a file begins, and foreign names are none of ours', () => {
  expect(toDayFile(Date.UTC(2026, 10, 12))).toEqual({ name: '20261112.db', fromMs: Date.UTC(2026, 10, 12) })
  const rotated = toDayFile(Date.UTC(2026, 10, 12, 14, 30, 5))
  expect(rotated.name).toBe('20261112-143005.db')
  expect(parseDayFile(rotated.name)).toEqual(rotated)
  expect(
    dayFilesOf([
      '20261112-143005.db',
      '20261112.db',
      '20261112.db-wal',
      '20261112.db.aside-1',
      '20261399.db',
      'x',
    ]),
  ).toEqual([toDayFile(Date.UTC(2026, 10, 12)), rotated])
})
