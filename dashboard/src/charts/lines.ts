// What a time chart draws, and the pure arithmetic of stacking it.
import type { Shape } from '../lib/status.ts'

export interface Line {
  name: string
  values: readonly (number | null)[]
  /** Colour token. */
  token: string
  glyph?: Shape
  hatched?: boolean
  /** What a click on its legend entry filters by. */
  filter?: { field: string; value: string }
}

/** Each line raised by the ones before it; null only where every line has a gap. */
export function stack(lines: readonly Line[]): (number | null)[][] {
  const length = lines[0]?.values.length ?? 0
  const base: (number | null)[] = Array.from({ length }, () => null)
  return lines.map(line => {
    for (let i = 0; i < length; i++) {
      const value = line.values[i] ?? null
      if (value !== null) base[i] = (base[i] ?? 0) + value
    }
    return [...base]
  })
}

export function total(values: readonly (number | null)[]): number {
  let sum = 0
  for (const value of values) sum += value ?? 0
  return sum
}

/** Sums lines that fall into one class. */
export function addInto(target: (number | null)[], values: readonly (number | null)[]): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? null
    if (value !== null) target[i] = (target[i] ?? 0) + value
  }
}

/** The index of the bucket that holds `at`; −1 outside. */
export function bucketAt(times: readonly number[], stepMs: number, at: number): number {
  const first = times[0]
  if (first === undefined) return -1
  const index = Math.floor((at - first) / stepMs)
  return index >= 0 && index < times.length ? index : -1
}
