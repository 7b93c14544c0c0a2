// Makes few tally payloads of many without losing a count: for the time when the store thread does not take them.
import type { TallyCell } from '../record.ts'

interface Tally {
  atMs: number
  cells: TallyCell[]
}

/** @param widthMs payloads of the same span of time become one; @returns payloads, oldest first */
export function mergeTallies(payloads: readonly string[], widthMs: number): string[] {
  const spans = new Map<number, Tally & { byKey: Map<string, TallyCell> }>()
  for (const payload of payloads) {
    const { atMs, cells } = JSON.parse(payload) as Tally
    const at = Math.floor(atMs / widthMs) * widthMs
    const span = spans.get(at) ?? { atMs: at, cells: [], byKey: new Map<string, TallyCell>() }
    spans.set(at, span)
    for (const cell of cells) {
      const known = span.byKey.get(keyOf(cell))
      if (known === undefined) span.byKey.set(keyOf(cell), cell)
      else add(known, cell)
    }
  }
  const oldestFirst = [...spans.values()].sort((a, b) => a.atMs - b.atMs)
  return oldestFirst.map(({ atMs, byKey }) => JSON.stringify({ atMs, cells: [...byKey.values()] }))
}

const keyOf = (c: TallyCell): string =>
  `${c.kind}\n${c.route}\n${c.upstream}\n${c.method}\n${c.status}\n${c.cache}\n${c.protocol}\n${c.error}`

function add(into: TallyCell, from: TallyCell): void {
  if (from.exemplar !== '' && from.maxUs >= into.maxUs) into.exemplar = from.exemplar
  into.count += from.count
  into.sumUs += from.sumUs
  into.minUs = Math.min(into.minUs, from.minUs)
  into.maxUs = Math.max(into.maxUs, from.maxUs)
  into.inBytes += from.inBytes
  into.outBytes += from.outBytes
  into.buckets = into.buckets.map((count, i) => count + (from.buckets[i] ?? 0))
  const exponential = new Map<number, number>()
  for (const flat of [into.exponential, from.exponential]) {
    for (let i = 0; i + 1 < flat.length; i += 2) {
      exponential.set(flat[i]!, (exponential.get(flat[i]!) ?? 0) + flat[i + 1]!)
    }
  }
  into.exponential = [...exponential].flat()
}
