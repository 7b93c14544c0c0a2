// Run as a process of its own by kill.test.ts: writes as fast as it may and says what is safely stored.

import { Store } from '../../../telemetry/store/store.ts'
import { record, recordsJson, tallyCell } from '../records.ts'
import { FRAME_ROWS } from './frame-rows.ts'

const store = Store.open({ dataDir: process.argv[2]!, ballastBytes: 0 })
for (let frames = 1; ; frames++) {
  const atMs = Date.now()
  store.records(recordsJson(Array.from({ length: FRAME_ROWS }, () => record({ startedMs: atMs }))))
  store.tally(JSON.stringify({ atMs, cells: [tallyCell({}, new Array<number>(FRAME_ROWS).fill(900))] }))
  if (frames % 20 !== 0) continue
  await store.flush()
  process.stdout.write(`${frames}\n`)
}
