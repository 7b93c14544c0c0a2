// One line of the own log for each refusal, within a budget over all workers; the rest is said as a number.
import { REJECT_LINES_PER_SECOND, type RejectFrame, type RejectLine } from '../telemetry/reject.ts'
import type { Log } from './log.ts'

export class RejectLog {
  readonly #http: Kind
  readonly #tls: Kind

  constructor(log: Log) {
    this.#http = new Kind((line, suppressed) =>
      log.warn({ event: 'http_reject', ...fieldsOf(line), suppressed }, 'refused what was no request'),
    )
    // Scanners fail handshakes all day: the counter says how many.
    this.#tls = new Kind((line, suppressed) =>
      log.debug({ event: 'tls_handshake_failed', ...fieldsOf(line), suppressed }, 'TLS handshake failed'),
    )
  }

  /** @param json payload of a `rejects` frame */
  frame(json: string, nowMs: number): void {
    const { http, tls } = JSON.parse(json) as RejectFrame
    if (http !== undefined) this.#http.add(http.lines, http.suppressed, nowMs)
    if (tls !== undefined) this.#tls.add(tls.lines, tls.suppressed, nowMs)
  }
}

const fieldsOf = ({ reason, client, connection, scheme, protocol, bytes }: RejectLine) => ({
  reason,
  client,
  conn_id: connection,
  scheme,
  protocol,
  bytes_escaped: bytes,
})

class Kind {
  readonly #write: (line: RejectLine, suppressed: number) => void
  #windowMs = Number.NEGATIVE_INFINITY
  #inWindow = 0
  #suppressed = 0

  constructor(write: (line: RejectLine, suppressed: number) => void) {
    this.#write = write
  }

  add(lines: readonly RejectLine[], suppressed: number, nowMs: number): void {
    if (nowMs - this.#windowMs >= 1000) {
      this.#windowMs = nowMs
      this.#inWindow = 0
    }
    for (const line of lines) {
      if (this.#inWindow++ >= REJECT_LINES_PER_SECOND) this.#suppressed++
      else {
        this.#write(line, this.#suppressed)
        this.#suppressed = 0
      }
    }
    this.#suppressed += suppressed
  }
}
