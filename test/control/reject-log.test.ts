// Under a flood of garbage the log must stay readable and the disk must not fill; what is left out is said.
import { expect, test } from 'vitest'
import { createLog } from '../../control/log.ts'
import { RejectLog } from '../../control/reject-log.ts'
import type { RejectBatch, RejectLine } from '../../telemetry/reject.ts'

const line: RejectLine = {
  reason: 'cl_te',
  client: '192.0.2.1',
  connection: '0-7',
  scheme: 'http',
  protocol: '',
  bytes: 'POST /\\x1b',
}
const batch = (lines: number, suppressed = 0): RejectBatch => ({
  counts: [['cl_te', lines + suppressed]],
  lines: new Array(lines).fill(line),
  suppressed,
})

function watched() {
  const written: { level: string; fields: Record<string, unknown> }[] = []
  const log = createLog('silent')
  log.warn = (fields: unknown) => void written.push({ level: 'warn', fields: fields as never })
  log.debug = (fields: unknown) => void written.push({ level: 'debug', fields: fields as never })
  return { written, rejects: new RejectLog(log) }
}

test('a refusal is one line with its fields', () => {
  const { written, rejects } = watched()
  rejects.frame(JSON.stringify({ http: batch(1) }), 0)
  expect(written).toEqual([
    {
      level: 'warn',
      fields: {
        event: 'http_reject',
        reason: 'cl_te',
        client: '192.0.2.1',
        conn_id: '0-7',
        scheme: 'http',
        protocol: '',
        bytes_escaped: 'POST /\\x1b',
        suppressed: 0,
      },
    },
  ])
})

test('no more than twenty lines a second, and the next one says how many are missing', () => {
  const { written, rejects } = watched()
  for (let at = 0; at < 1000; at += 200) rejects.frame(JSON.stringify({ http: batch(20, 1000) }), at)
  expect(written).toHaveLength(20)
  rejects.frame(JSON.stringify({ http: batch(1) }), 1200)
  expect(written.at(-1)!.fields.suppressed).toBe(80 + 5000)
})

test('failed handshakes are for debugging, and take no room from refusals', () => {
  const { written, rejects } = watched()
  rejects.frame(JSON.stringify({ tls: batch(20), http: batch(2) }), 0)
  expect(written.filter(it => it.level === 'warn')).toHaveLength(2)
  expect(written.filter(it => it.level === 'debug')).toHaveLength(20)
})
