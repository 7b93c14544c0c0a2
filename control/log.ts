// The control process's own log on standard error: JSON lines, or short ones for people at a terminal.
import { Writable } from 'node:stream'
import { type Logger, pino } from 'pino'

export type Log = Logger

const LEVELS: Record<number, string> = { 30: '', 40: 'warning: ', 50: 'error: ', 60: 'fatal: ' }
/** Fields that say nothing to a person. */
const QUIET = new Set(['level', 'time', 'msg', 'pid', 'hostname'])

export function createLog(level = process.env.ORIEL_LOG ?? 'info'): Log {
  const options = { level, base: null }
  if (!process.stderr.isTTY) return pino(options, pino.destination({ dest: 2, sync: true }))
  const terminal = new Writable({
    write(line: Buffer, _encoding, done) {
      process.stderr.write(short(line.toString()))
      done()
    },
  })
  return pino(options, terminal)
}

/** `12:30:05 text key=value`; control bytes are already escaped by the JSON. */
export function short(line: string): string {
  const entry = JSON.parse(line) as { level: number; time: number; msg?: string }
  const clock = new Date(entry.time).toTimeString().slice(0, 8)
  const fields = Object.entries(entry)
    .filter(([key]) => !QUIET.has(key))
    .map(
      ([key, value]) =>
        ` ${key}=${typeof value === 'string' && /^[\w./:@-]+$/.test(value) ? value : JSON.stringify(value)}`,
    )
  return `  ${clock} ${LEVELS[entry.level] ?? ''}${clean(entry.msg ?? '')}${fields.join('')}\n`
}

/** What a terminal would take for a command stays visible text. */
const clean = (text: string): string =>
  text.replace(/[\x00-\x1f\x7f-\x9f]/g, byte => JSON.stringify(byte).slice(1, -1))
