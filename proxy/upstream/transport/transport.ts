// A transport: how one request travels to one upstream and its reply back. Stages never look inside.
import type { Attempt } from '../../../telemetry/record.ts'
import type { Headers } from '../../lib/headers.ts'
import type { Body } from '../../pipeline/body.ts'
import type { ProxyError } from '../../pipeline/errors.ts'
import type { Reply } from '../../pipeline/reply.ts'

/** A request on its way, and whom to tell what becomes of it. */
export interface Outgoing {
  readonly method: string
  /** Path and query. */
  readonly target: string
  readonly headers: Headers
  /** Request line and fields as an HTTP/1 head, without its empty line and what frames a body of unknown length. */
  readonly head: string
  /** The client asks for an event stream: silence is no fault. */
  readonly eventStream: boolean
  readonly body: Body | null
  /** '' or the protocol to switch to. */
  readonly upgrade: string
  /** First bytes of the connection, which then carries no other client's requests; null: none. */
  readonly preface: Buffer | null
  /** Not on a connection that an upstream kept alive over HTTP/1: it may close that at any time. */
  readonly fresh: boolean
  /** Offsets in `attempt` are counted from here, monotonic milliseconds. */
  readonly startMs: number
  /** The event that is under way, monotonic milliseconds: of `send`, that which sends. */
  readonly atMs: number
  readonly attempt: Attempt
  /** The transport sets it: call to give up on this request. */
  cancel: (() => void) | null
  /** An interim response passed by (RFC 9110 section 15.2). */
  onInterim(status: number, headers: Headers): void
  /**
   * Exactly once: the request failed (said before `failed`), or the reply's body (or tunnel) has ended.
   * @param complete the reply came whole
   * @param atMs monotonic milliseconds of the event that ended it
   */
  onDone(complete: boolean, atMs: number): void
  /** The reply's head has come; its body flows when it is started. @param atMs as of `onDone` */
  replied(reply: Reply, atMs: number): void
  /** No reply will come. @param error with `unsent` when another upstream may be asked */
  failed(error: ProxyError): void
}

export interface Transport {
  /** Exactly one of `out.replied` and `out.failed` follows, never before this returns. */
  send(out: Outgoing): void
  /** Sockets open now. */
  connections(): number
  /** No new requests; sockets close as they fall idle. */
  close(): void
}
