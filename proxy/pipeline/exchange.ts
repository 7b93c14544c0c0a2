// One request and its answer: what the wire read, what the stages decided, what telemetry will tell.
import type { Attempt, CacheVerdict, ErrorType, TlsDetail } from '../../telemetry/record.ts'
import { nowMs, wallOfMs } from '../lib/clock.ts'
import type { Fact } from '../lib/fact.ts'
import type { Headers } from '../lib/headers.ts'
import type { Body } from './body.ts'
import type { Connection } from './connection.ts'
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
  forward(x: Exchange, end: ForwardEnd): void
}

/** Whom forwarding tells, exactly once, how it ended. */
export interface ForwardEnd {
  replied(x: Exchange, reply: Reply): void
  failed(x: Exchange, error: unknown): void
}

/** Whoever works for an exchange and must stop when its client leaves. */
export interface Work {
  abandoned(): void
}

/**
 * What a wire knows when a request's head is complete. A kept-alive client sends the same head again and
 * again: then it is the same object, and what was worked out from it holds.
 */
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
  /** Protocol asked for by Upgrade, lower-case; '' when none. */
  upgrade: string
  /** The client waits for 100 before it sends its body. */
  expectsContinue: boolean
  connection: Connection
  tls: TlsDetail | null
  /** Where it leads, once somebody has worked that out; null: nobody has. */
  place: Place | null
}

/** Where a request's head leads, by one configuration. Nothing of it changes. */
export interface Place {
  /** The configuration it holds for. */
  readonly snapshot: object
  readonly pipeline: Pipeline
  /** Authority without port, lower-case, no trailing dot. */
  readonly host: string
  /** Normalised for matching: dot segments and duplicate slashes removed, unreserved decoded. */
  readonly path: string
  /** Byte-exact, without the question mark. */
  readonly query: string
  /** Verified client address: the peer, or what trusted proxies say of it. */
  readonly client: string
  /** True when what the peer says of its client is believed: see trustedProxies. */
  readonly trusted: boolean
  /** The peer might have been believed, but contradicts itself. */
  readonly contradicts: boolean
  /** How many routes matched. */
  readonly candidates: number
  /** What stages have concluded from the head alone: see `fact`. */
  readonly facts: unknown[]
}

/** Numbers of one verdict in `Exchange.verdicts`: see `note`. */
export interface Note {
  stage: string
  reason: string
  a: number
  b: number
  text: string
  /** Microseconds after the head. */
  atUs: number
}

interface Noted extends Note {
  next: Noted | null
}

const NO_ATTEMPTS: readonly Attempt[] = []

/** Every field is set here, once, in this order: one hidden class for all exchanges. */
export class Exchange {
  readonly method: string
  readonly target: string
  readonly scheme: 'http' | 'https'
  readonly protocol: string
  readonly authority: string
  readonly headers: Headers
  /** What the upstream is told instead, where a stage asks for more than this client does; null: the same. */
  asks: Headers | null = null
  /** And which query instead of the client's; null: the same. */
  asksQuery: string | null = null
  body: Body | null
  readonly upgrade: string
  readonly expectsContinue: boolean
  readonly connection: Connection
  /** The connection's other end. */
  readonly peer: string
  readonly tls: TlsDetail | null
  readonly wire: ClientEnd

  /** See `Place` for this and the next four. */
  host = ''
  path = ''
  query = ''
  client: string
  trusted = false
  /** Dry run: stages change no state, forward stops after the pick. */
  dry = false

  pipeline: Pipeline | null = null
  /** Why the route was taken: its rank and how many others matched. */
  candidates = 0
  /** Stages entered so far; `onFinish` runs for these. */
  depth = 0

  readonly startMs = nowMs()
  /** Read anew only where time may have passed: what one event does takes no time that people would see. */
  atMs = this.startMs
  #atUs = 0
  /** Head handed to the wire; 0: not yet. */
  repliedMs = 0
  finished = false

  traceId = ''
  spanId = ''
  parentId = ''
  traceFlags = 0
  traceState = ''
  requestId = ''

  /** Tries at upstreams, in order. Replaced, not changed: most exchanges have one or none. */
  attempts: readonly Attempt[] = NO_ATTEMPTS
  answeredBy = ''
  cache: CacheVerdict = 'none'
  error: ErrorType | '' = ''
  errorText = ''
  limited = false

  status = 0
  replyHeaders: Headers | null = null
  inBytes = 0
  outBytes = 0
  /** How a gRPC call ended; −1: the reply did not say. */
  grpcStatus = -1
  aborted = false
  /** Who must stop when the client leaves. */
  work: Work | null = null

  /** A list without an array: few exchanges are ever read back. */
  #firstNote: Noted | null = null
  #lastNote: Noted | null = null
  #slots: unknown[] | null = null
  #facts: unknown[] | null = null

  constructor(head: RequestHead, wire: ClientEnd, body: Body | null = null) {
    this.method = head.method
    this.target = head.target
    this.scheme = head.scheme
    this.protocol = head.protocol
    this.authority = head.authority
    this.headers = head.headers.clone()
    this.body = body
    this.upgrade = head.upgrade
    this.expectsContinue = head.expectsContinue
    this.connection = head.connection
    this.peer = head.connection.peer
    this.client = head.connection.peer
    this.tls = head.tls
    this.wire = wire
  }

  /** Unix milliseconds of the request's head. */
  get startedMs(): number {
    return wallOfMs(this.startMs)
  }

  /** Where this request leads. */
  takePlace(place: Place): void {
    this.host = place.host
    this.path = place.path
    this.query = place.query
    this.client = place.client
    this.trusted = place.trusted
    this.candidates = place.candidates
    this.#facts = place.facts
  }

  /** An event at this time, monotonic milliseconds, goes on with it. */
  at(ms: number): void {
    this.atMs = ms
    this.#atUs = Math.round((ms - this.startMs) * 1000)
  }

  /** Time may have passed. @returns it */
  touch(): number {
    const now = nowMs()
    this.at(now)
    return now
  }

  /** A stage's decision: its reason, the reason's numbers and its one word. Sentences: telemetry/reasons.ts. */
  note(stage: string, reason: string, a = 0, b = 0, text = ''): void {
    const noted: Noted = { stage, reason, a, b, text, atUs: this.#atUs, next: null }
    if (this.#lastNote === null) this.#firstNote = noted
    else this.#lastNote.next = noted
    this.#lastNote = noted
  }

  /** All decisions so far, in order; made anew at each call. */
  get notes(): Note[] {
    const notes: Note[] = []
    for (let noted = this.#firstNote; noted !== null; noted = noted.next) {
      const { stage, reason, a, b, text, atUs } = noted
      notes.push({ stage, reason, a, b, text, atUs })
    }
    return notes
  }

  /** Microseconds from the head to the event that is under way. */
  elapsedUs(): number {
    return this.#atUs
  }

  /** What was concluded from this head before; undefined: nothing yet. */
  fact<T>(fact: Fact<T>): T | undefined {
    return this.#facts?.[fact.index] as T | undefined
  }

  /** @returns `value`, which holds for every request with this head on this route */
  keepFact<T>(fact: Fact<T>, value: T): T {
    this.#facts ??= []
    this.#facts[fact.index] = value
    return value
  }

  slot<T>(slot: Slot<T>): T | undefined {
    return this.#slots?.[slot.index] as T | undefined
  }

  setSlot<T>(slot: Slot<T>, value: T): void {
    this.#slots ??= new Array(slots)
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
