// One request and its answer: what the wire read, what the stages decided, what telemetry will tell.
import type { Attempt, CacheVerdict, ErrorType, TlsDetail } from '../../telemetry/record.ts'
import { nowMs, wallMs } from '../lib/clock.ts'
import type { Headers } from '../lib/headers.ts'
import type { Body } from './body.ts'
import type { Reply } from './reply.ts'
import type { Stage } from './stage.ts'

/** The client's end of an exchange: the only way back to the wire. */
export interface ClientEnd {
  /** Head and body onto the wire. The wire calls `finish` exactly once, after the last byte or the abort. */
  send(x: Exchange, reply: Reply): void
  /** An interim response (RFC 9110 section 15.2); nothing happens where the client cannot take one. */
  interim(x: Exchange, status: number, headers: Headers): void
}

/** A route as the data plane runs it, built once per snapshot. */
export interface Pipeline {
  /** The route's name: its key in the configuration. */
  readonly route: string
  readonly stages: readonly Stage[]
  /** The end of the path: ask an upstream. */
  forward(x: Exchange): Promise<Reply>
}

/** What a wire knows when a request's head is complete. */
export interface RequestHead {
  method: string
  /** Origin form as received: path and query, bytes untouched. */
  target: string
  scheme: 'http' | 'https'
  /** `1.0`, `1.1` or `2`. */
  protocol: string
  /** Host or :authority as received. */
  authority: string
  headers: Headers
  body: Body | null
  /** Protocol asked for by Upgrade, lower-case; '' when none. */
  upgrade: string
  /** The client waits for 100 before it sends its body. */
  expectsContinue: boolean
  /** Address of the socket's other end. */
  peer: string
  tls: TlsDetail | null
}

/** Numbers of one verdict in `Exchange.verdicts`: see `note`. */
export interface Note {
  stage: string
  reason: string
  a: number
  b: number
  text: string
  atMs: number
}

/** Every field is set here, once, in this order: one hidden class for all exchanges. */
export class Exchange {
  readonly method: string
  readonly target: string
  readonly scheme: 'http' | 'https'
  readonly protocol: string
  readonly authority: string
  readonly headers: Headers
  body: Body | null
  readonly upgrade: string
  readonly expectsContinue: boolean
  readonly peer: string
  readonly tls: TlsDetail | null
  readonly wire: ClientEnd

  /** Authority without port, lower-case, no trailing dot. */
  host = ''
  /** Normalised for matching: dot segments and duplicate slashes removed, unreserved decoded. */
  path = ''
  /** Byte-exact, without the question mark. */
  query = ''
  /** Verified client address: the peer, or what trusted proxies say of it. */
  client: string
  /** True when the peer is in trustedProxies. */
  trusted = false
  /** Dry run: stages change no state, forward stops after the pick. */
  dry = false

  pipeline: Pipeline | null = null
  /** Why the route was taken: its rank and how many others matched. */
  candidates = 0
  /** Stages entered so far; `onFinish` runs for these. */
  depth = 0

  readonly startedMs = wallMs()
  readonly startMs = nowMs()
  /** Head handed to the wire; 0: not yet. */
  repliedMs = 0
  finished = false

  traceId = ''
  spanId = ''
  parentId = ''
  traceFlags = 0
  traceState = ''
  requestId = ''

  readonly notes: Note[] = []
  readonly attempts: Attempt[] = []
  answeredBy = ''
  cache: CacheVerdict = 'none'
  error: ErrorType | '' = ''
  errorText = ''
  limited = false

  status = 0
  replyHeaders: Headers | null = null
  inBytes = 0
  outBytes = 0
  aborted = false
  /** Set by whoever works for this exchange and must stop when the client leaves. */
  onAbort: (() => void) | null = null

  #slots: unknown[] | null = null

  constructor(head: RequestHead, wire: ClientEnd) {
    this.method = head.method
    this.target = head.target
    this.scheme = head.scheme
    this.protocol = head.protocol
    this.authority = head.authority
    this.headers = head.headers
    this.body = head.body
    this.upgrade = head.upgrade
    this.expectsContinue = head.expectsContinue
    this.peer = head.peer
    this.client = head.peer
    this.tls = head.tls
    this.wire = wire
  }

  /** A stage's decision: its reason, the reason's numbers and its one word. Sentences: telemetry/reasons.ts. */
  note(stage: string, reason: string, a = 0, b = 0, text = ''): void {
    this.notes.push({ stage, reason, a, b, text, atMs: nowMs() - this.startMs })
  }

  /** Microseconds since the head was read. */
  elapsedUs(): number {
    return Math.round((nowMs() - this.startMs) * 1000)
  }

  slot<T>(slot: Slot<T>): T | undefined {
    return this.#slots?.[slot.index] as T | undefined
  }

  setSlot<T>(slot: Slot<T>, value: T): void {
    this.#slots ??= []
    this.#slots[slot.index] = value
  }
}

/** A stage's private place in every exchange. */
export interface Slot<T> {
  readonly index: number
  /** Never set: carries the type. */
  readonly type?: T
}

let slots = 0
/** Reserve a place; call once, at the top of a module. */
export function slot<T>(): Slot<T> {
  return { index: slots++ }
}
