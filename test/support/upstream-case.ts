// One row of what an upstream may do: its bytes, and all that must come of them on every side.
import type { Socket } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { converse, statusesOf } from './converse.ts'
import { startGate, type TestGate } from './gate.ts'
import { type RecordingUpstream, startRecordingUpstream } from './recording-upstream.ts'
import type { StrictMessage } from './strict-reader.ts'

export interface UpstreamCase {
  /** Number of the row in the table of misbehaving upstreams; a letter tells variants apart. */
  row: string
  what: string
  says: string
  /** What it does behind its bytes; hold: nothing. */
  after?: 'end' | 'reset' | 'hold'
  /** The method it is asked with; GET by default. */
  method?: string
  /** More fields of the client's request, each with its line end. */
  asks?: string
  /** Statuses that the client gets in order, interim ones too; of a reply that is cut, none. */
  answers: readonly number[]
  /** stays: the client's next request on its connection is served; cut: its connection breaks within the reply. */
  client: 'stays' | 'cut'
  /** The upstream's connection serves the next request. */
  reused: boolean
  /** The last attempt's error type and text, without the place in brackets; '' none. */
  error?: string
  errorText?: string
  /** Looks closer at the client's final reply. */
  reply?: (reply: StrictMessage) => void
}

const CANARY = 'GET /canary HTTP/1.1\r\nHost: x\r\n\r\n'

/** Registers a test for each row, all before one gate with short time limits. */
export function testUpstreamCases(cases: readonly UpstreamCase[]): void {
  let upstream: RecordingUpstream
  let gate: TestGate
  let now: UpstreamCase
  beforeAll(async () => {
    upstream = await startRecordingUpstream(({ start }, socket) => {
      if (start[1] === '/canary') return 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\ncanary'
      misbehave(socket, now)
      return ''
    })
    gate = await startGate(
      `routes:\n  x: { to: 127.0.0.1:${upstream.port}, timeout: { response: 400ms, idle: 400ms } }\n`,
    )
  })
  afterAll(async () => {
    await gate.close()
    await upstream.close()
  })
  test.each(cases)('$row $what', async row => {
    now = row
    const method = row.method ?? 'GET'
    const before = (await gate.records(0)).length
    const stays = row.client === 'stays'
    const canaries = occurrences(upstream, 'GET /canary')
    const conversation = await ask(gate, row)
    if (!stays) await converse(gate.http, { pieces: [CANARY], finals: 1 })
    expect(statusesOf(conversation)).toEqual(stays ? [...row.answers, 200] : row.answers)
    // Half a reply never looks whole: the connection ends before the reply does.
    expect([conversation.rest !== '', conversation.end !== 'open']).toEqual([!stays, !stays])
    expect(occurrences(upstream, 'GET /canary')).toBe(canaries + 1)
    const faulty = upstream.streams.filter(stream => stream.includes(`${method} /row`)).at(-1)!
    expect(lastTarget(faulty) === '/canary').toBe(row.reused)
    const record = (await gate.records(before + 2))[before]!
    const attempt = record.attempts.at(-1)!
    expect(attempt.error).toBe(row.error ?? '')
    if (row.errorText !== undefined)
      expect(attempt.errorText.replace(/ \(127\.0\.0\.1:\d+\)$/, '')).toBe(row.errorText)
    if (row.error !== undefined && row.answers.at(-1)! >= 500) expect(record.error).toBe(row.error)
    const final = conversation.replies.filter(({ start }) => Number(start[1]) >= 200)[0]
    if (final !== undefined) row.reply?.(final)
  })
}

function ask(gate: TestGate, { method = 'GET', asks = '', answers, client }: UpstreamCase) {
  const finals = answers.filter(status => status >= 200).length
  const bodiless = (nth: number) => nth === 0 && method === 'HEAD'
  let asked = false
  return converse(gate.http, {
    pieces: [`${method} /row HTTP/1.1\r\nHost: x\r\n${asks}\r\n`],
    bodiless,
    ...(client === 'stays' ? { finals: finals + 1 } : {}),
    // The canary goes out when the reply is whole, not when its head is there.
    more: (_text, whole) => {
      if (client !== 'stays' || asked || whole < finals) return ''
      asked = true
      return CANARY
    },
  })
}

function misbehave(socket: Socket, { says, after = 'hold' }: UpstreamCase): void {
  socket.write(says, 'latin1', () => {
    if (after === 'end') socket.end()
    else if (after === 'reset') socket.resetAndDestroy()
  })
}

const lastTarget = (stream: string) => [...stream.matchAll(/^[A-Z]+ (\/\S*) HTTP/gm)].at(-1)?.[1]
const occurrences = ({ streams }: RecordingUpstream, text: string) => streams.join('').split(text).length - 1
