// A transport: how one request travels to one upstream and its reply back. Stages never look inside.
import type { Attempt } from '../../../telemetry/record.ts'
import type { Headers } from '../../lib/headers.ts'
import type { Body } from '../../pipeline/body.ts'
import type { Reply } from '../../pipeline/reply.ts'

export interface Outgoing {
  method: string
  /** Path and query. */
  target: string
  headers: Headers
  body: Body | null
  /** '' or the protocol to switch to. */
  upgrade: string
  /** Offsets in `attempt` are counted from here, monotonic milliseconds. */
  startMs: number
  attempt: Attempt
  /** An interim response passed by (RFC 9110 section 15.2). */
  onInterim(status: number, headers: Headers): void
  /**
   * Exactly once: the request failed, or the reply's body (or tunnel) has ended.
   * @param complete the reply came whole
   */
  onDone(complete: boolean): void
  /** The transport sets it: call to give up on this request. */
  cancel: (() => void) | null
}

export interface Transport {
  /**
   * Resolves when the reply's head has come; its body flows when it is started.
   * @throws ProxyError with `unsent` when another upstream may be asked
   */
  send(out: Outgoing): Promise<Reply>
  /** Sockets open now. */
  connections(): number
  /** No new requests; sockets close as they fall idle. */
  close(): void
}
