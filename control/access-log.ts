// The access log: one JSON line on standard output for each record.
import { accessLogLine } from '../telemetry/export/access-log.ts'
import { parseRecords } from '../telemetry/record.ts'

/** A reader of standard output that stalls must not fill our memory: lines beyond this are left out. */
const MAX_PENDING_BYTES = 8 * 1024 * 1024

/** @param json the payload of a records frame */
export function accessLog(json: string): void {
  if (process.stdout.writableLength > MAX_PENDING_BYTES) return
  const lines = parseRecords(json).map(record => `${JSON.stringify(accessLogLine(record))}\n`)
  process.stdout.write(lines.join(''))
}
