// The benchmark's result: the median of the rounds, ratios to the yardsticks, and whether the bars are kept.
import { type Metric, metricInfo, metrics, type Sample } from './metrics.ts'
import type { Bar, Scenario } from './scenario.ts'

export interface Row {
  target: string
  /** '' where the scenario has only one. */
  setup: string
  samples: Sample[]
  /** Why there is no figure, or none of the later rounds. */
  missing?: string
}

const OURS = 'Oriel'

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

export function summarize({ samples }: Row): Sample {
  // An error is never typical: the sum, not the median.
  const result: Sample = { errors: samples.reduce((sum, sample) => sum + sample.errors, 0) }
  for (const metric of Object.keys(metrics) as Metric[]) {
    const values = samples.flatMap(sample => sample[metric] ?? [])
    if (values.length) result[metric] = median(values)
  }
  return result
}

/** undefined when the yardstick was not measured. */
function ratio(row: Row, metric: Metric, of: string, rows: readonly Row[]): number | undefined {
  const base = rows.find(other => other.target === of && other.setup === row.setup && other.samples.length)
  return base && summarize(row)[metric]! / summarize(base)[metric]!
}

const figure = (value: number | undefined, digits: number) =>
  value === undefined || Number.isNaN(value) ? '–' : value.toFixed(digits)

const label = ({ target, setup }: Row) => (setup ? `${target}, ${setup}` : target)

function cells(row: Row, scenario: Scenario, rows: readonly Row[]): string[] {
  const result = summarize(row)
  const figures = scenario.columns.flatMap(metric => {
    const { digits, ratiosTo = [] } = metricInfo(metric)
    return [figure(result[metric], digits), ...ratiosTo.map(of => figure(ratio(row, metric, of, rows), 2))]
  })
  return [label(row), ...figures, String(result.errors)]
}

function titles({ columns, unit }: Scenario): string[] {
  const of = (metric: Metric) => {
    const { title, ratiosTo = [] } = metricInfo(metric)
    return [title.replaceAll('*', unit), ...ratiosTo.map(target => `× ${target}`)]
  }
  return ['target', ...columns.flatMap(of), 'errors']
}

const line = (list: readonly string[]) => `| ${list.join(' | ')} |`

function verdict({ metric, of, what, atMost }: Bar, ours: Row, rows: readonly Row[]): string {
  const value = of ? ratio(ours, metric, of, rows) : summarize(ours)[metric]
  const suffix = of ? ` × ${of}` : ''
  if (value === undefined || Number.isNaN(value)) return `${what}: asked ≤ ${atMost}${suffix}, not measured`
  return `${what}: ${value.toFixed(2)}${suffix}, asked ≤ ${atMost}: ${value <= atMost ? 'met' : '**missed**'}`
}

/** One scenario's section, ready for docs/performance.md. */
export function markdown(scenario: Scenario, rows: readonly Row[]): string {
  const measured = rows.filter(row => row.samples.length > 0)
  const heading = titles(scenario)
  const table = [
    line(heading),
    `|---${'|--:'.repeat(heading.length - 1)}|`,
    ...measured.map(row => line(cells(row, scenario, rows))),
  ]
  const ours = measured.find(row => row.target === OURS)
  const bars = ours ? scenario.bars.map(bar => `- ${verdict(bar, ours, rows)}`) : []
  const missing = rows.flatMap(row => (row.missing ? [`- ${label(row)}: ${row.missing}`] : []))
  return [
    `### ${scenario.name}`,
    scenario.about,
    '',
    ...(measured.length ? table : []),
    ...(bars.length ? ['', 'Oriel is held to:', ...bars] : []),
    ...(missing.length ? ['', 'Not measured:', ...missing] : []),
    '',
  ].join('\n')
}
