// The benchmark's result: the median of the rounds, and a Markdown table with the ratio to nginx.
import type { Sample } from './measure.ts'
import type { Scenario } from './target.ts'

export interface Row {
  scenario: Scenario
  target: string
  samples: Sample[]
  /** Why there is no figure. */
  missing?: string
}

export interface Result extends Sample {
  scenario: Scenario
  target: string
  rounds: number
}

const yardstick = 'nginx'

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

export function summarize({ scenario, target, samples }: Row): Result {
  const of = (key: keyof Sample) => median(samples.map(sample => sample[key]))
  return {
    scenario,
    target,
    rounds: samples.length,
    requestsPerSecond: of('requestsPerSecond'),
    p50Ms: of('p50Ms'),
    p99Ms: of('p99Ms'),
    workerUs: of('workerUs'),
    treeUs: of('treeUs'),
    // An error is never typical: the sum, not the median.
    errors: samples.reduce((sum, sample) => sum + sample.errors, 0),
  }
}

function line(result: Result, all: readonly Result[]): string {
  const base = all.find(other => other.scenario === result.scenario && other.target === yardstick)
  const ratio = (key: 'workerUs' | 'treeUs') => (base ? (result[key] / base[key]).toFixed(2) : '–')
  return `| ${[
    result.scenario,
    result.target,
    Math.round(result.requestsPerSecond),
    result.p50Ms.toFixed(2),
    result.p99Ms.toFixed(2),
    result.workerUs.toFixed(1),
    ratio('workerUs'),
    result.treeUs.toFixed(1),
    ratio('treeUs'),
    result.errors,
  ].join(' | ')} |`
}

export function markdown(rows: readonly Row[]): string {
  const results = rows.filter(row => row.samples.length > 0).map(summarize)
  const head =
    '| scenario | target | requests/s | p50 ms | p99 ms | worker µs/request | × nginx | tree µs/request | × nginx | errors |'
  const rule = '|---|---|--:|--:|--:|--:|--:|--:|--:|--:|'
  const notes = rows.flatMap(row => (row.missing ? [`- ${row.target}, ${row.scenario}: ${row.missing}`] : []))
  const table = [head, rule, ...results.map(result => line(result, results))].join('\n')
  return notes.length ? `${table}\n\nNot measured:\n${notes.join('\n')}` : table
}
