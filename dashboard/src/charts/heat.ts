// The arithmetic of the latency heatmap: where a duration stands among the rows, and how warm a cell is.

/** Rows above the bottom, with a fraction: the place of `us` on an axis of these lower bounds. */
export function rowPosition(us: number, boundsUs: readonly number[]): number {
  if (boundsUs.length === 0 || us <= (boundsUs[0] ?? 0)) return 0
  let row = boundsUs.length - 1
  while (row > 0 && (boundsUs[row] ?? 0) > us) row--
  const low = boundsUs[row] ?? 0
  const high = boundsUs[row + 1] ?? low * ratioOf(boundsUs)
  if (high <= low) return row
  // The first bound may be 0, where a logarithm has no value.
  const part = low > 0 ? Math.log(us / low) / Math.log(high / low) : us / high
  return row + Math.min(1, Math.max(0, part))
}

/** How much the last row's bound grows: the row above it is open. */
function ratioOf(boundsUs: readonly number[]): number {
  const last = boundsUs.at(-1) ?? 1
  const before = boundsUs.at(-2) ?? last / 2
  return before > 0 ? last / before : 2
}

/** 0 (nothing) to 6 (as many as the fullest cell); logarithmic, so that a single request is seen. */
export function heatStep(count: number, max: number): number {
  if (count <= 0 || max <= 0) return 0
  if (max === 1) return 3
  return Math.min(6, 1 + Math.round((Math.log(count) / Math.log(max)) * 5))
}

/** The rows that hold anything, with one to spare on each side. */
export function usedRows(counts: readonly (readonly number[])[]): { first: number; last: number } {
  const used = counts.map(row => row.some(count => count > 0))
  const first = used.indexOf(true)
  if (first === -1) return { first: 0, last: Math.max(0, counts.length - 1) }
  return { first: Math.max(0, first - 1), last: Math.min(counts.length - 1, used.lastIndexOf(true) + 1) }
}

/** The powers of ten between two durations, to label: 100 µs, 1 ms, 10 ms. */
export function decades(fromUs: number, toUs: number): number[] {
  const marks: number[] = []
  for (let us = 1; us <= toUs; us *= 10) if (us >= fromUs) marks.push(us)
  return marks
}
