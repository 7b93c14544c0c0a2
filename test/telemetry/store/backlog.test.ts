// What waits for the store thread is bounded: rows are dropped and counted, tallies merged without a loss.
import { expect, test } from 'vitest'
import type { TallyCell } from '../../../telemetry/record.ts'
import { Backlog } from '../../../telemetry/store/backlog.ts'
import { mergeTallies } from '../../../telemetry/store/merge-tallies.ts'
import { PendingCells } from '../../../telemetry/store/pending-cells.ts'
import { randomFrom, record, recordsJson, talliesOf, tallyCell, traffic } from '../records.ts'

const big = recordsJson([record({ query: 'q'.repeat(1_000_000) }), record()])

test('rows beyond 32 million characters are dropped, counted, and the gap is told once it is over', () => {
  const backlog = new Backlog()
  let taken = 0
  for (let i = 0; i < 37; i++) if (backlog.takeRecords(big, true, 1000 + i)) taken++
  expect([taken, backlog.length, backlog.droppedRows, backlog.isBehind]).toEqual([33, 33, 8, true])
  expect(backlog.settled(1500)).toBeNull()
  backlog.recordsDone(0)
  expect(backlog.takeRecords(big, true, 1600)).toBe(true)
  expect(backlog.settled(4000)).toEqual({
    at: 1033,
    kind: 'telemetry',
    text: '8 rows were not stored: they came faster than they could be written. Figures are complete.',
    until: 1036,
  })
  expect([backlog.settled(9000), backlog.isBehind]).toEqual([null, false])
})

test('tallies that no thread takes are merged; every count stays', () => {
  const backlog = new Backlog()
  for (let i = 0; i < 5000; i++) backlog.takeTally(JSON.stringify({ atMs: i * 200, cells: [tallyCell()] }))
  expect(backlog.tallies.length).toBeLessThanOrEqual(512)
  const cells = backlog.tallies.flatMap(t => (JSON.parse(t.json) as { cells: TallyCell[] }).cells)
  expect(cells.reduce((sum, cell) => sum + cell.count, 0)).toBe(5000)
  const sequences = backlog.tallies.map(t => t.sequence)
  expect(sequences).toEqual(sequences.toSorted((a, b) => a - b))
  backlog.tallied(sequences.at(-1)!)
  expect(backlog.tallies).toEqual([])
})

test('merging tallies keeps counts, sums, extremes and distributions', () => {
  const records = traffic(randomFrom(31), 400, 0, 60_000)
  const payloads = records.map(r => JSON.stringify({ atMs: r.startedMs, cells: talliesOf([r]) }))
  const [merged, ...more] = mergeTallies(payloads, 60_000)
  expect(more).toEqual([])
  const { cells } = JSON.parse(merged!) as { cells: TallyCell[] }
  const server = cells.filter(cell => cell.kind === 'server')
  const sum = (of: (cell: TallyCell) => number) => server.reduce((total, cell) => total + of(cell), 0)
  expect(sum(c => c.count)).toBe(400)
  expect(sum(c => c.sumUs)).toBe(records.reduce((total, r) => total + r.durationUs, 0))
  expect(sum(c => c.buckets.reduce((a, b) => a + b, 0))).toBe(400)
  expect(sum(c => c.exponential.reduce((a, n, i) => a + (i % 2 === 1 ? n : 0), 0))).toBe(400)
  expect(Math.max(...server.map(c => c.maxUs))).toBe(Math.max(...records.map(r => r.durationUs)))
  expect(Math.min(...server.map(c => c.minUs))).toBe(Math.min(...records.map(r => r.durationUs)))
  expect(server.length).toBeLessThan(200)
})

test('cells that cannot be written for days get coarser in time and stay exact', () => {
  const pending = new PendingCells(500)
  let count = 0
  for (let s = 0; s < 3 * 86_400; s += 10) {
    pending.apply([tallyCell(), tallyCell({ status: 500 })], s * 1000, 0)
    count += 2
  }
  expect(pending.size).toBeLessThanOrEqual(500)
  expect(pending.dirty().reduce((sum, { cell }) => sum + cell.count, 0)).toBe(count)
})
