// One row of what clients may send: the bytes, and all that must come of them on every side.
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ExchangeRecord } from '../../telemetry/record.ts'
import { converse, statusesOf } from './converse.ts'
import { startGate, type TestGate } from './gate.ts'
import { inShort, type RecordingUpstream, startRecordingUpstream } from './recording-upstream.ts'
import { fieldOf, type StrictMessage } from './strict-reader.ts'

export interface ClientCase {
  /** Number of the row in the table of client input; a letter tells variants apart. */
  row: string
  what: string
  bytes: string | Buffer | readonly (string | Buffer)[]
  /** Statuses in order, interim ones too. */
  answers: readonly number[]
  /** closes: our FIN follows the answer; stays: the next request on the connection is served. */
  fate: 'closes' | 'stays'
  /** What the backend got, as `METHOD target body`; nothing by default, not one byte. */
  reaches?: readonly string[]
  /** Why the wire refused it, word for word; the record then stands under `_rejected`. */
  reason?: string
  /** What else the last record says. */
  record?: Partial<ExchangeRecord>
  /** Looks closer at what reached the backend. */
  backend?: (request: StrictMessage) => void
  /** Looks closer at the last answer. */
  answer?: (reply: StrictMessage) => void
}

const CANARY = 'GET /canary HTTP/1.1\r\nHost: x\r\n\r\n'

/** Registers a test for each row, all before one gate with the route `x`. */
export function testClientCases(cases: readonly ClientCase[], extraYaml = ''): void {
  let upstream: RecordingUpstream
  let gate: TestGate
  beforeAll(async () => {
    upstream = await startRecordingUpstream()
    gate = await startGate(`${extraYaml}routes:\n  x: 127.0.0.1:${upstream.port}\n`)
  })
  afterAll(async () => {
    await gate.close()
    await upstream.close()
  })
  test.each(cases)('$row $what', async row => {
    const before = await seen(gate)
    const bytesBefore = upstream.streams.join('').length
    const [conversation, reached] = await send(gate, upstream, row)
    const stays = row.fate === 'stays'
    expect(conversation.rest).toBe('')
    expect(statusesOf(conversation)).toEqual(stays ? [...row.answers, 200] : row.answers)
    expect(conversation.end).toBe(stays ? 'open' : 'fin')
    expect(reached.map(inShort)).toEqual(
      stays ? [...(row.reaches ?? []), 'GET /canary'] : (row.reaches ?? []),
    )
    if (!stays && row.reaches === undefined) expect(upstream.streams.join('')).toHaveLength(bytesBefore)
    const finals = conversation.replies.filter(({ start }) => Number(start[1]) >= 200)
    const last = finals.at(stays ? -2 : -1)!
    if (!stays) expect(fieldOf(last, 'connection')).toBe('close')
    if (row.reason !== undefined) expect(last.body).toMatch(pageOf(row.reason))
    for (const request of reached.slice(0, row.reaches?.length ?? 0)) row.backend?.(request)
    row.answer?.(last)
    const records = (await gate.records(before + finals.length)).slice(before)
    expect(records).toHaveLength(finals.length)
    const record = records.at(stays ? -2 : -1)!
    if (row.reason !== undefined) expect(record).toMatchObject(rejected(row.answers.at(-1)!, row.reason))
    if (row.record !== undefined) expect(record).toMatchObject(row.record)
  })
}

async function send(gate: TestGate, upstream: RecordingUpstream, { bytes, answers, fate }: ClientCase) {
  upstream.taken()
  const pieces = typeof bytes === 'string' || Buffer.isBuffer(bytes) ? [bytes] : bytes
  const wanted = answers.filter(status => status >= 200).length
  let asked = false
  const conversation = await converse(gate.http, {
    pieces,
    ...(fate === 'stays' ? { finals: wanted + 1 } : {}),
    more: (_text, whole) => {
      if (fate !== 'stays' || asked || whole < wanted) return ''
      asked = true
      return CANARY
    },
  })
  return [conversation, upstream.taken()] as const
}

/** Nothing of the input is echoed: the page is status, title and reason, to the letter. */
const pageOf = (reason: string) => new RegExp(`^\\d{3} [A-Za-z ]+(?: \\(${reason}\\)|\\n${reason})\\n$`)

const rejected = (status: number, reason: string) => ({
  route: '_rejected',
  status,
  error: 'malformed_request',
  errorText: reason,
  attempts: [],
})

const seen = async (gate: TestGate): Promise<number> => (await gate.records(0)).length
