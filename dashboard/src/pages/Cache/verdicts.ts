// What the cache did, as the lines of a chart: five verdicts in the colours that they have everywhere.
import type { Series } from '../../../../control/admin/contract.ts'
import { addInto, type Line } from '../../charts/lines.ts'

/** In the order of stacking. What was answered after asking or waiting counts as a hit. */
const CLASSES = [
  { name: 'bypass', token: 'bypass', of: ['bypass'], filter: { field: 'cache', value: 'bypass' } },
  { name: 'miss', token: 'miss', of: ['miss'], filter: { field: 'cache', value: 'miss' } },
  { name: 'stale', token: 'stale', of: ['stale'], filter: { field: 'cache', value: 'stale' } },
  {
    name: 'hit',
    token: 'hit',
    of: ['hit', 'revalidated', 'collapsed'],
    filter: { field: 'is', value: 'cached' },
  },
] as const

export function verdictLines(series: Series): Line[] {
  return CLASSES.flatMap(({ name, token, of, filter }) => {
    const groups = series.groups.filter(group => (of as readonly string[]).includes(group.name))
    if (groups.length === 0) return []
    const values: (number | null)[] = series.times.map(() => null)
    for (const { counts } of groups) addInto(values, counts)
    return [{ name, token, values, filter, hatched: name === 'bypass' }]
  })
}
