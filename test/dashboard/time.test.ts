// The time range: tokens, shifting, pausing, and how it is described.
import { describe, expect, it } from 'vitest'
import * as time from '../../dashboard/src/lib/time.ts'

const NOW = 1_795_000_000_000

describe('tokens', () => {
  it('are relative, absolute or ISO', () => {
    expect(time.parseToken('now', NOW)).toBe(NOW)
    expect(time.parseToken('now-15m', NOW)).toBe(NOW - 900e3)
    expect(time.parseToken('1794999000000', NOW)).toBe(1_794_999_000_000)
    expect(time.parseToken('2026-11-20T12:00:00Z', NOW)).toBe(Date.parse('2026-11-20T12:00:00Z'))
    expect(time.parseToken('now-15', NOW)).toBeNull()
    expect(time.parseToken('yesterday-ish', NOW)).toBeNull()
  })

  it('become a usable span whatever they are', () => {
    expect(time.resolveRange({ from: 'x', to: 'y' }, NOW)).toEqual({ from: NOW - 900e3, to: NOW })
    expect(time.resolveRange({ from: 'now', to: 'now-1h' }, NOW).to).toBe(NOW - 3600e3)
    expect(time.resolveRange({ from: 'now', to: 'now-1h' }, NOW).from).toBeLessThan(NOW - 3600e3)
  })

  it('write lengths in the largest unit that divides them', () => {
    expect([60e3, 900e3, 3600e3, 86_400e3, 604_800e3, 90e3].map(time.toLength)).toEqual([
      '1m',
      '15m',
      '1h',
      '24h',
      '7d',
      '90s',
    ])
  })
})

describe('moving', () => {
  it('stands still and follows the clock again with the same length', () => {
    const still = time.toggleLive({ from: 'now-15m', to: 'now' }, NOW)
    expect(still).toEqual({ from: String(NOW - 900e3), to: String(NOW) })
    expect(time.toggleLive(still, NOW + 5000)).toEqual({ from: 'now-15m', to: 'now' })
  })

  it('shifts by half and becomes live past the clock', () => {
    const earlier = time.shiftRange({ from: 'now-10m', to: 'now' }, -1, NOW)
    expect(earlier).toEqual({ from: String(NOW - 900e3), to: String(NOW - 300e3) })
    expect(time.shiftRange(earlier, 1, NOW + 5000)).toEqual({ from: 'now-10m', to: 'now' })
  })
})

describe('words', () => {
  it('describe a range', () => {
    expect(time.describeRange({ from: 'now-15m', to: 'now' }, NOW)).toBe('last 15 min')
    const noon = new Date(2026, 10, 20, 12, 0).getTime()
    expect(time.describeRange({ from: String(noon), to: String(noon + 3600e3) }, noon + 7200e3)).toBe(
      '12:00 – 13:00',
    )
  })

  it('are relative for a minute', () => {
    expect(time.relativeTime(NOW - 1000, NOW)).toBe('now')
    expect(time.relativeTime(NOW - 12_000, NOW)).toBe('12 s ago')
    expect(time.relativeTime(NOW - 120_000, NOW)).toBe(time.clock(NOW - 120_000))
  })
})

describe('ticks', () => {
  it('are round and few', () => {
    const from = new Date(2026, 10, 20, 12, 1, 7).getTime()
    const ticks = time.timeTicks({ from, to: from + 900e3 }, 4)
    expect(ticks.map(at => time.clock(at))).toEqual(['12:05', '12:10', '12:15'])
  })
})
