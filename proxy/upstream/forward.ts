// The end of the path: pick an upstream, send, and try once more where that is safe.
import type { Attempt } from '../../telemetry/record.ts'
import type { Body } from '../pipeline/body.ts'
import { ProxyError } from '../pipeline/errors.ts'
import type { Exchange } from '../pipeline/exchange.ts'
import { Reply } from '../pipeline/reply.ts'
import { forwardedHeaders } from './forwarded.ts'
import type { Group, Member } from './group.ts'
import { refusesRetry } from './retry.ts'
import type { Outgoing } from './transport/transport.ts'
import type { Upstream } from './upstream.ts'

/** Gateway failures that an upstream itself reports: counted against it, passed on as they are. */
const GATEWAY_FAILURES = new Set([502, 503, 504])

/** Reasons for a verdict: see telemetry/reasons.ts. */
export async function forward(x: Exchange, group: Group): Promise<Reply> {
  group.budget.request()
  const body = x.body === null ? null : new WatchedBody(x.body)
  const tried: Upstream[] = []
  for (;;) {
    const pick = group.pick(tried)
    if (pick === undefined) throw unavailable(x, group)
    const { member } = pick
    const { upstream } = member
    x.note('forward', 'picked', upstream.inFlight, group.members.length, `${upstream.name} ${pick.why}`)
    if (x.dry) return new Reply(0)
    try {
      const reply = await attempt(x, member, pick.why, body)
      judge(x, group, member.upstream, reply)
      return reply
    } catch (error) {
      if (!(error instanceof ProxyError) || x.aborted) throw error
      blame(x, group, upstream, error)
      tried.push(upstream)
      const refusal = noMoreTries(x, group, tried.length, error, body)
      if (refusal !== '') {
        x.note('forward', 'failed', tried.length, 0, refusal)
        throw error
      }
      x.note('forward', 'retried', tried.length, 0, error.message)
    }
  }
}

function noMoreTries(
  x: Exchange,
  group: Group,
  tries: number,
  error: ProxyError,
  body: WatchedBody | null,
): string {
  if (tries >= group.tries) return `${error.type} after ${tries} ${tries === 1 ? 'try' : 'tries'}`
  const refusal = refusesRetry(error, x.method, body?.touched ?? false)
  if (refusal !== '') return `${error.type}, not tried again: ${refusal}`
  return group.budget.take() ? '' : `${error.type}, not tried again: the retry budget is spent`
}

async function attempt(
  x: Exchange,
  { upstream, transport }: Member,
  why: string,
  body: Body | null,
): Promise<Reply> {
  const record = newAttempt(upstream.name, why, x.elapsedUs())
  x.attempts.push(record)
  const out: Outgoing = {
    method: x.method,
    target: x.query === '' && !x.target.endsWith('?') ? x.path : `${x.path}?${x.query}`,
    headers: forwardedHeaders(x, upstream.name),
    body,
    upgrade: x.upgrade,
    startMs: x.startMs,
    attempt: record,
    onInterim: (status, headers) => x.wire.interim(x, status, headers),
    onDone: complete => {
      upstream.inFlight--
      record.endUs = x.elapsedUs()
      if (!complete && record.error === '' && !x.aborted) record.error = 'http_response_incomplete'
    },
    cancel: null,
  }
  x.onAbort = () => out.cancel?.()
  upstream.inFlight++
  try {
    const reply = await transport.send(out)
    record.status = reply.status
    return reply
  } catch (error) {
    record.error = error instanceof ProxyError ? error.type : 'proxy_internal_error'
    record.errorText = error instanceof Error ? error.message : String(error)
    throw error
  }
}

function newAttempt(upstream: string, picked: string, startUs: number): Attempt {
  return {
    upstream,
    picked,
    startUs,
    connectedUs: -1,
    headUs: -1,
    endUs: -1,
    status: 0,
    error: '',
    errorText: '',
    reused: false,
  }
}

function judge(x: Exchange, group: Group, upstream: Upstream, reply: Reply): void {
  if (!GATEWAY_FAILURES.has(reply.status)) return upstream.succeeded()
  ejectNote(x, upstream, group.failed(upstream, `answered ${reply.status}`))
}

/** A failure that is the client's doing does not count against the upstream. */
function blame(x: Exchange, group: Group, upstream: Upstream, error: ProxyError): void {
  if (error.stale || error.type === 'request_too_large' || error.type === 'client_aborted') return
  ejectNote(x, upstream, group.failed(upstream, error.message))
}

function ejectNote(x: Exchange, upstream: Upstream, ms: number): void {
  if (ms > 0) x.note('forward', 'ejected', ms, 0, upstream.name)
}

function unavailable(x: Exchange, group: Group): ProxyError {
  const why = group.members.map(m => `${m.upstream.name}: ${m.upstream.downReason || 'out'}`).join(', ')
  x.note('forward', 'no-upstream', group.members.length, 0, why)
  return new ProxyError('destination_unavailable', 'no upstream is available')
}

/** Knows whether the client's body has begun to flow: from then on a request cannot be sent twice. */
class WatchedBody implements Body {
  readonly length: number
  touched = false
  readonly #body: Body

  constructor(body: Body) {
    this.length = body.length
    this.#body = body
  }

  start(sink: Parameters<Body['start']>[0]): void {
    this.touched = true
    this.#body.start(sink)
  }

  resume(): void {
    this.#body.resume()
  }

  cancel(error?: Error): void {
    if (this.touched) this.#body.cancel(error)
  }
}
