// The cell table of rollup.db: reads and writes cells of one tier.

import { Histogram } from '../metrics/histogram.ts'
import type { ErrorType } from '../record.ts'
import { type Cell, type CellKey, emptyCell } from './cell.ts'
import type { Dictionary } from './dictionary.ts'
import type { Driver, Value } from './driver.ts'

export type Tier = 10 | 60 | 3600

const KEY = 'tier = ? AND ts = ? AND kind = ? AND route = ? AND upstream = ? AND method = ? AND status = ?'
const NUMBERS = 'count, sum_us, min_us, max_us, in_bytes, out_bytes, hist, exemplar'
const UPSERT = `INSERT INTO cell (tier, ts, kind, route, upstream, method, status, cache, error, ${NUMBERS})
  VALUES (${new Array(17).fill('?').join(', ')})
  ON CONFLICT DO UPDATE SET count = excluded.count, sum_us = excluded.sum_us, min_us = excluded.min_us,
    max_us = excluded.max_us, in_bytes = excluded.in_bytes, out_bytes = excluded.out_bytes,
    hist = excluded.hist, exemplar = excluded.exemplar`
const NAMED = `SELECT ts, kind, (SELECT text FROM dict WHERE id = route), (SELECT text FROM dict WHERE id = upstream),
  (SELECT text FROM dict WHERE id = method), status, (SELECT text FROM dict WHERE id = cache),
  (SELECT text FROM dict WHERE id = error), ${NUMBERS} FROM cell`
/** Resolution of the longest tier; the shorter ones keep scale 5. */
const HOUR_SCALE = 4

export class CellTable {
  readonly #db: Driver
  readonly #dict: Dictionary

  constructor(db: Driver, dict: Dictionary) {
    this.#db = db
    this.#dict = dict
  }

  /** What the disk knows of this cell. */
  read(tier: Tier, key: CellKey): Cell | undefined {
    let cell: Cell | undefined
    this.#db.each(
      `${NAMED} WHERE ${KEY} AND cache = ? AND error = ?`,
      [tier, ...this.#keyValues(key)],
      row => {
        cell = toCell(row)
      },
    )
    return cell
  }

  /** Replaces the cell. */
  write(tier: Tier, cell: Cell): void {
    if (tier === 3600) cell.histogram.downscale(HOUR_SCALE)
    const { count, sumUs, minUs, maxUs, inBytes, outBytes, histogram, exemplar } = cell
    const trace = exemplar === '' ? null : Buffer.from(exemplar, 'hex')
    const numbers = [count, sumUs, minUs, maxUs, inBytes, outBytes, histogram.encode(), trace]
    this.#db.run(UPSERT, tier, ...this.#keyValues(cell), ...numbers)
  }

  /** From `fromS` to below `toS`. */
  each(tier: Tier, fromS: number, toS: number, visit: (cell: Cell) => void): void {
    this.#db.each(`${NAMED} WHERE tier = ? AND ts >= ? AND ts < ?`, [tier, fromS, toS], row =>
      visit(toCell(row)),
    )
  }

  #keyValues(key: CellKey): Value[] {
    const { ts, kind, route, upstream, method, status, cache, error } = key
    const id = (text: string): number => this.#dict.id(text)
    return [ts, kind === 'server' ? 0 : 1, id(route), id(upstream), id(method), status, id(cache), id(error)]
  }
}

function toCell(row: Value[]): Cell {
  const [ts, kind, route, upstream, method, status, cache, error, ...numbers] = row
  const cell = emptyCell({
    ts: ts as number,
    kind: kind === 0 ? 'server' : 'client',
    route: route as string,
    upstream: upstream as string,
    method: method as string,
    status: status as number,
    cache: cache as string,
    error: error as ErrorType | '',
  })
  const [count, sumUs, minUs, maxUs, inBytes, outBytes, hist, exemplar] = numbers
  cell.count = count as number
  cell.sumUs = sumUs as number
  cell.minUs = minUs as number
  cell.maxUs = maxUs as number
  cell.inBytes = inBytes as number
  cell.outBytes = outBytes as number
  cell.histogram = Histogram.decode(hist as Uint8Array)
  cell.exemplar = exemplar === null ? '' : Buffer.from(exemplar as Uint8Array).toString('hex')
  return cell
}
