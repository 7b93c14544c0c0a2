// One try at one upstream: what it is told, what its record says, and how it ends.
import type { Attempt } from '../../telemetry/record.ts'
import type { Headers } from '../lib/headers.ts'
import type { Body } from '../pipeline/body.ts'
import type { ProxyError } from '../pipeline/errors.ts'
import type { Exchange, Work } from '../pipeline/exchange.ts'
import type { Reply } from '../pipeline/reply.ts'
import { type Common, commonFields, forwardedHead, forwardedHeaders, targetOf } from './forwarded.ts'
import type { Pick } from './group.ts'
import { preface } from './preface.ts'
import type { Outgoing } from './transport/transport.ts'
import type { Upstream } from './upstream.ts'

/** Whom a try tells how it ended: one of the two, once. */
export interface TryEnd {
  replied(upstream: Upstream, reply: Reply): void
  failed(upstream: Upstream, error: ProxyError): void
}

export class Try implements Outgoing, Work {
  readonly method: string
  readonly body: Body | null
  readonly upgrade: string
  readonly preface: Buffer | null
  readonly fresh: boolean
  readonly startMs: number
  readonly attempt: Attempt
  cancel: (() => void) | null = null
  readonly #common: Common
  readonly #x: Exchange
  readonly #upstream: Upstream
  readonly #end: TryEnd

  constructor(x: Exchange, { member, why }: Pick, body: Body | null, fresh: boolean, end: TryEnd) {
    const { upstream, proxyProtocol } = member
    this.method = x.method
    this.#common = commonFields(x, upstream.name, member)
    this.body = body
    this.upgrade = x.upgrade
    this.preface = proxyProtocol === null ? null : preface(x, proxyProtocol)
    this.fresh = fresh
    this.startMs = x.startMs
    this.attempt = newAttempt(upstream.name, why, x.elapsedUs())
    this.#x = x
    this.#upstream = upstream
    this.#end = end
    x.attempts = x.attempts.length === 0 ? [this.attempt] : [...x.attempts, this.attempt]
    x.work = this
    upstream.inFlight++
  }

  get headers(): Headers {
    return forwardedHeaders(this.#x, this.#common)
  }

  get target(): string {
    return targetOf(this.#x)
  }

  get atMs(): number {
    return this.#x.atMs
  }

  get head(): string {
    return forwardedHead(this.#x, this.#common)
  }

  get eventStream(): boolean {
    return this.#common.eventStream
  }

  onInterim(status: number, headers: Headers): void {
    this.#x.wire.interim(this.#x, status, headers)
  }

  onDone(complete: boolean, atMs: number): void {
    const { attempt } = this
    this.#upstream.inFlight--
    this.#x.at(atMs)
    attempt.endUs = this.#x.elapsedUs()
    if (!complete && attempt.error === '' && !this.#x.aborted) attempt.error = 'http_response_incomplete'
  }

  replied(reply: Reply, atMs: number): void {
    this.#x.at(atMs)
    this.attempt.status = reply.status
    this.#end.replied(this.#upstream, reply)
  }

  failed(error: ProxyError): void {
    this.attempt.error = error.type
    this.attempt.errorText = error.message
    this.#end.failed(this.#upstream, error)
  }

  abandoned(): void {
    this.cancel?.()
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
