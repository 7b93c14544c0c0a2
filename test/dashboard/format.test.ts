// Figures as the dashboard writes them.
import { describe, expect, it } from 'vitest'
import * as format from '../../dashboard/src/lib/format.ts'

describe('figures', () => {
  it('have three significant digits and a unit', () => {
    expect(format.formatDuration(350)).toBe('350 µs')
    expect(format.formatDuration(18_440)).toBe('18.4 ms')
    expect(format.formatDuration(1_240_000)).toBe('1.24 s')
    expect(format.formatDuration(125e6)).toBe('2 min 5 s')
    expect(format.formatCount(12_400)).toBe('12.4k')
    expect(format.formatCount(410)).toBe('410')
    expect(format.formatRate(42.06)).toBe('42.1/s')
    expect(format.formatRate(0.0356)).toBe('2.14/min')
    expect(format.formatBytes(3_100_000)).toBe('3.10 MB')
    expect(format.formatBytes(812)).toBe('812 B')
    expect(format.formatShare(0.631)).toBe('63.1 %')
    expect(format.formatShare(1)).toBe('100 %')
  })

  it('take the next unit rather than read 1000', () => {
    expect(format.formatDuration(999.7)).toBe('1.00 ms')
    expect(format.formatDuration(999_700)).toBe('1.00 s')
    expect(format.formatCount(999_700)).toBe('1.00M')
    expect(format.formatBytes(999.6)).toBe('1.00 kB')
  })

  it('are a dash when there is none, never 0', () => {
    for (const write of [
      format.formatDuration,
      format.formatCount,
      format.formatRate,
      format.formatBytes,
      format.formatShare,
    ]) {
      expect(write(null)).toBe(format.MISSING)
      expect(write(undefined)).toBe(format.MISSING)
      expect(write(Number.NaN)).toBe(format.MISSING)
    }
    expect(format.formatShare(0)).toBe('0 %')
    expect(format.formatRate(0)).toBe('0/s')
  })

  it('keep a tiny share apart from none', () => {
    expect(format.formatShare(0.00001)).toBe('< 0.01 %')
  })

  it('show every digit where it must be exact', () => {
    expect(format.formatExact(100_000)).toBe('100,000')
  })

  it('lose their zeros on an axis', () => {
    expect(format.trimZeros('5.00 ms')).toBe('5 ms')
    expect(format.trimZeros('1.50k')).toBe('1.5k')
    expect(format.trimZeros('200')).toBe('200')
  })
})

describe('changes', () => {
  it('compare to the period before', () => {
    expect(format.formatChange(112, 100)).toBe('▲ 12 %')
    expect(format.formatChange(50, 100)).toBe('▼ 50 %')
    expect(format.formatChange(2000, 100)).toBe('▲ × 20.0')
    expect(format.formatPoints(0.65, 0.6)).toBe('▲ 5.00 pp')
  })

  it('are silent without something to compare to', () => {
    expect(format.formatChange(1, 0)).toBe('')
    expect(format.formatChange(1, null)).toBe('')
    expect(format.formatChange(100.1, 100)).toBe('')
    expect(format.formatPoints(null, 0.1)).toBe('')
  })
})

it.each([
  [-3, '0 s'],
  [59.9, '59 s'],
  [60, '1 min'],
  [3599, '59 min'],
  [7300, '2 h'],
  [86400 * 1.5, '36 h'],
  [86400 * 3, '3 d'],
])('an age of %d s takes one unit: %s', (seconds, expected) => {
  expect(format.formatAge(seconds)).toBe(expected)
})
