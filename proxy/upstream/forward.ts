// The end of the path: pick an upstream, send, and try once more where that is safe.
import type { ErrorType } from '../../telemetry/record.ts'
import type { Headers } from '../lib/headers.ts'
import type { Body, BodySink } from '../pipeline/body.ts'
import { ProxyError } from '../pipeline/errors.ts'
import type { Exchange, ForwardEnd } from '../pipeline/exchange.ts'
import { Reply } from '../pipeline/reply.ts'
import type { Group, Pick } from './group.ts'
import { passedTrailers } from './request-trailers.ts'
import { mayRepeat, refusesRetry } from './retry.ts'
import { Try, type TryEnd } from './try.ts'
import type { Upstream } from './upstream.ts'

/** Gateway failures that an upstream itself reports: counted against it, passed on as they are. */
const isGatewayFailure = (status: number): boolean => status >= 502 && status <= 504

/** Failures of the client's side, whatever the upstream was doing meanwhile. */
const CLIENTS_FAULT: ReadonlySet<ErrorType> = new Set([
  'request_too_large',
  'client_aborted',
  'client_timeout',
  'malformed_request',
])

/** Asks one of the group's upstreams, and tells `end` what came of it. */
export function forward(x: Exchange, group: Group, end: ForwardEnd): void {
  group.budget.request(x.atMs)
  new Forwarding(x, group, end).begin()
}

/** One exchange's tries. */
class Forwarding implements TryEnd {
  readonly #x: Exchange
  readonly #group: Group
  readonly #end: ForwardEnd
  readonly #body: WatchedBody | null
  #tried: Upstream[] = NONE

  constructor(x: Exchange, group: Group, end: ForwardEnd) {
    this.#x = x
    this.#group = group
    this.#end = end
    this.#body = x.body === null ? null : new WatchedBody(x.body, x.headers)
  }

  begin(): void {
    const pick = this.#group.pick(NONE)
    if (pick === undefined) return this.#end.failed(this.#x, unavailable(this.#x, this.#group))
    this.#ask(pick)
  }

  #ask(pick: Pick): void {
    const x = this.#x
    const { upstream, transport } = pick.member
    x.note('forward', 'picked', upstream.inFlight, this.#group.members.length, pick.said)
    if (x.dry) return this.#end.replied(x, new Reply(0))
    if (this.#body !== null) this.#body.listed = pick.member.trailers
    // Once a kept-alive connection has failed this exchange, the next one might as well.
    transport.send(new Try(x, pick, this.#body, this.#tried.length > 0, this))
  }

  replied(upstream: Upstream, reply: Reply): void {
    const x = this.#x
    if (isGatewayFailure(reply.status))
      noteEjection(x, upstream, this.#group.failed(upstream, `answered ${reply.status}`))
    else upstream.succeeded()
    this.#end.replied(x, reply)
  }

  failed(upstream: Upstream, error: ProxyError): void {
    const x = this.#x
    x.touch()
    if (x.aborted) return this.#end.failed(x, error)
    blame(x, this.#group, upstream, error)
    this.#tried = [...this.#tried, upstream]
    const tries = this.#tried.length
    const next = this.#next(error)
    if (typeof next === 'string') {
      x.note('forward', 'failed', tries, 0, next)
      return this.#end.failed(x, error)
    }
    x.note('forward', 'retried', tries, 0, error.message)
    this.#ask(next)
  }

  /** @returns whom to ask next, or why nobody is */
  #next(error: ProxyError): Pick | string {
    const group = this.#group
    const tries = this.#tried.length
    if (tries >= group.tries) return `${error.type} after ${tries} ${tries === 1 ? 'try' : 'tries'}`
    const refusal = refusesRetry(error, this.#x.method, this.#body?.touched ?? false)
    if (refusal !== '') return `${error.type}, not tried again: ${refusal}`
    const pick = group.pick(this.#tried, group.repeats || mayRepeat(error))
    if (pick === undefined) return `${error.type}, not tried again: there is no other upstream`
    return group.budget.take() ? pick : `${error.type}, not tried again: the retry budget is spent`
  }
}

const NONE: Upstream[] = []

/** A failure that is the client's doing does not count against the upstream. */
function blame(x: Exchange, group: Group, upstream: Upstream, error: ProxyError): void {
  if (error.stale || CLIENTS_FAULT.has(error.type)) return
  noteEjection(x, upstream, group.failed(upstream, error.message))
}

function noteEjection(x: Exchange, upstream: Upstream, ms: number): void {
  if (ms > 0) x.note('forward', 'ejected', ms, 0, upstream.name)
}

function unavailable(x: Exchange, group: Group): ProxyError {
  const why = group.members.map(m => `${m.upstream.name}: ${m.upstream.downReason || 'out'}`).join(', ')
  x.note('forward', 'no-upstream', group.members.length, 0, why)
  return new ProxyError('destination_unavailable', 'no upstream is available')
}

const NO_NAMES: ReadonlySet<string> = new Set()

/**
 * The client's body on its way to an upstream. Knows whether it has begun to flow: from then on a request cannot be
 * sent twice. And holds back the trailers that are not for the upstream.
 */
class WatchedBody implements Body, BodySink {
  readonly length: number
  touched = false
  /** Names of the trailers that the route passes. */
  listed = NO_NAMES
  readonly #body: Body
  readonly #head: Headers
  #sink!: BodySink

  constructor(body: Body, head: Headers) {
    this.length = body.length
    this.#body = body
    this.#head = head
  }

  start(sink: BodySink): void {
    this.touched = true
    this.#sink = sink
    this.#body.start(this)
  }

  chunk(data: Buffer): boolean {
    return this.#sink.chunk(data)
  }

  end(trailers: Headers | null): void {
    this.#sink.end(trailers === null ? null : passedTrailers(trailers, this.#head, this.listed))
  }

  error(error: Error): void {
    this.#sink.error(error)
  }

  resume(): void {
    this.#body.resume()
  }

  cancel(error?: Error): void {
    if (this.touched) this.#body.cancel(error)
  }
}
