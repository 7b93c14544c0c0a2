// Where figures come from: rollup cells when they know what the filter asks, else the stored rows with their weight.
import type { Driver, Value } from '../store/driver.ts'
import { cover, type Tier } from './cover.ts'
import type { Deadline } from './deadline.ts'
import type { DurationSum } from './duration-sum.ts'
import type { Term } from './filter.ts'
import { attemptTerms, isRollupFilter, toCondition } from './filter-sql.ts'
import { indexHint } from './index-hint.ts'
import { Names } from './names.ts'
import type { Reader } from './reader.ts'
import { windows } from './windows.ts'

/** Some requests that have these names in common. */
export interface Portion {
  /** Unix milliseconds: begin of the cell's bucket, or of the row. */
  at: number
  route: string
  upstream: string
  method: string
  status: number
  cache: string
  error: string
  count: number
  inBytes: number
  outBytes: number
  minUs: number
  maxUs: number
  /** Encoded durations; null for a row: then all have `maxUs`. */
  histogram: Uint8Array | null
  /** Trace id of the slowest, null if none. */
  exemplar: Uint8Array | null
}

export interface Ask {
  reader: Reader
  range: { from: number; to: number }
  terms: readonly Term[]
  deadline: Deadline
  nowMs: number
}

export type Visit = (portion: Portion) => void

export function addDurations(into: DurationSum, portion: Portion): void {
  if (portion.histogram !== null) into.mergeEncoded(portion.histogram)
  else into.record(portion.maxUs, portion.count)
}

/** Exchanges as clients saw them. @param widest the widest rollup tier that the caller's buckets can take */
export function eachExchange(ask: Ask, widest: Tier, visit: Visit): void {
  if (isRollupFilter(ask.terms)) eachCell(ask, CELL, [0, ask.terms], widest, visit)
  else eachRow(ask, visit)
}

/** Like eachExchange, but only `at`, `status`, `error` and `count` are told: SQLite adds up the rest. */
export function eachCount(ask: Ask, widest: Tier, visit: Visit): void {
  if (isRollupFilter(ask.terms)) eachCell(ask, COUNT, [0, ask.terms], widest, visit)
  else eachRow(ask, visit)
}

/** Attempts at upstreams; of the filter only route, upstream and method apply. */
export function eachAttempt(ask: Ask, widest: Tier, visit: Visit): void {
  eachCell(ask, CELL, [1, attemptTerms(ask.terms)], widest, visit)
}

type Select = (condition: string) => string

const WHERE = 'WHERE tier = ? AND ts >= ? AND ts < ? AND kind = ?'
const CELL: Select = condition => `SELECT ts, route, upstream, method, status, cache, error, count, in_bytes,
  out_bytes, min_us, max_us, hist, exemplar FROM cell ${WHERE} AND (${condition})`
const COUNT: Select = condition => `SELECT ts, 0, 0, 0, status, 0, error, sum(count), 0, 0, 0, 0, NULL, NULL
  FROM cell ${WHERE} AND (${condition}) GROUP BY ts, status, error`

function eachCell(
  ask: Ask,
  select: Select,
  [kind, terms]: [kind: number, terms: readonly Term[]],
  widest: Tier,
  visit: Visit,
): void {
  const db = ask.reader.rollup
  if (db === null) return
  const { sql, params } = toCondition(terms)
  // One snapshot: between two statements a minute may fold from one tier into the others.
  db.transaction(() => {
    for (const { tier, fromS, toS } of cover(ask.range, widest, foldedUntilS(db), ask.nowMs)) {
      eachPortion(db, select(sql), [tier, fromS, toS, kind, ...params], 1000, ask.deadline, visit)
    }
  })
}

function foldedUntilS(db: Driver): number {
  const state = db.all<{ value: number }>("SELECT value FROM state WHERE key = 'folded_until'")
  return state[0]?.value ?? 0
}

const ROW = `SELECT started_ms, route, upstream, method, status, cache, error, weight, in_bytes * weight,
  out_bytes * weight, duration_us, duration_us, NULL, trace FROM exchange WHERE id >= ? AND id < ?`

function eachRow(ask: Ask, visit: Visit): void {
  const { sql, params } = toCondition(ask.terms)
  for (const window of windows(ask.reader, ask.range)) {
    eachPortion(
      window.db,
      `${ROW} AND ${indexHint(ask.terms)} AND (${sql})`,
      [window.low, window.high, ...params],
      1,
      ask.deadline,
      visit,
    )
    ask.deadline.check()
  }
}

function eachPortion(
  db: Driver,
  sql: string,
  params: Value[],
  unitMs: number,
  deadline: Deadline,
  visit: Visit,
): void {
  const names = Names.of(db)
  db.each(sql, params, row => {
    deadline.step()
    visit({
      at: (row[0] as number) * unitMs,
      route: names.text(row[1]!),
      upstream: names.text(row[2]!),
      method: names.text(row[3]!),
      status: row[4] as number,
      cache: names.text(row[5]!),
      error: names.text(row[6]!),
      count: row[7] as number,
      inBytes: row[8] as number,
      outBytes: row[9] as number,
      minUs: row[10] as number,
      maxUs: row[11] as number,
      histogram: row[12] as Uint8Array | null,
      exemplar: row[13] as Uint8Array | null,
    })
  })
}
