// The series by status as six lines, one per class, whatever names the answer has.
import type { Series } from '../../../control/admin/contract.ts'
import { addInto, type Line } from '../charts/lines.ts'
import { STATUS_LOOK, STATUS_ORDER, type StatusClass, statusClassOfName } from './status.ts'

/** In the order of stacking; classes that did not occur are left out. */
export function statusLines(series: Series): Line[] {
  const sums = new Map<StatusClass, (number | null)[]>()
  for (const { name, counts } of series.groups) {
    const which = statusClassOfName(name)
    const sum = sums.get(which) ?? counts.map(count => (count === null ? null : 0))
    addInto(sum, counts)
    sums.set(which, sum)
  }
  return STATUS_ORDER.flatMap(which => {
    const values = sums.get(which)
    if (values === undefined || !values.some(value => value !== null && value > 0)) return []
    const { word, token, glyph, field, value } = STATUS_LOOK[which]
    return [{ name: word, values, token, glyph, hatched: which === 'aborted', filter: { field, value } }]
  })
}

/** Per bucket: requests over all groups; null where every group has a gap. */
export function totals(series: Series): (number | null)[] {
  const sum: (number | null)[] = series.times.map(() => null)
  for (const { counts } of series.groups) addInto(sum, counts)
  return sum
}
