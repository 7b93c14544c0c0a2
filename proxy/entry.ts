// Where requests come in from the wires: read once, matched once, handed to their pipeline.

import type { Snapshot } from './build.ts'
import { readAuthority } from './lib/authority.ts'
import { clientAddress } from './lib/client-address.ts'
import type { ClientLimits } from './lib/client-limits.ts'
import { Headers } from './lib/headers.ts'
import { readTarget } from './lib/path.ts'
import { randomHex } from './lib/random-id.ts'
import { plainReply } from './pipeline/error-reply.ts'
import { type ClientEnd, Exchange, type Pipeline, type RequestHead } from './pipeline/exchange.ts'
import { finish, handle } from './pipeline/handle.ts'
import type { Recorder } from './record/recorder.ts'
import type { Gate, Refusal, RefusedRequest } from './wire/gate.ts'

/** The route name of requests that were no requests. */
const REJECTED = '_rejected'

const rejected: Pipeline = {
  route: REJECTED,
  stages: [],
  forward() {
    throw new Error('a refused request is not forwarded')
  },
}

const nobody: ClientEnd = { send() {}, interim() {} }

export class Entry implements Gate {
  inFlight = 0
  readonly #recorder: Recorder
  #snapshot: Snapshot

  constructor(snapshot: Snapshot, recorder: Recorder) {
    this.#snapshot = snapshot
    this.#recorder = recorder
  }

  /** Requests from now on take this one; those under way keep theirs. */
  swap(snapshot: Snapshot): void {
    this.#snapshot = snapshot
  }

  get snapshot(): Snapshot {
    return this.#snapshot
  }

  get limits(): ClientLimits {
    return this.#snapshot.limits
  }

  accept(head: RequestHead, end: ClientEnd): Exchange {
    const x = new Exchange(head, end)
    this.inFlight++
    const pipeline = this.#place(x)
    if ('reason' in pipeline) this.#answerRefusal(x, pipeline)
    else void handle(x, pipeline)
    return x
  }

  finished(x: Exchange): void {
    if (x.finished) return
    finish(x, () => {
      this.inFlight--
      this.#recorder.exchange(x, x.pipeline?.route ?? REJECTED)
    })
  }

  /** Counted and shown like any exchange; nothing of it went further. */
  refused(request: RefusedRequest): void {
    const { method, target, scheme, protocol, authority, peer, tls, refusal } = request
    const head = {
      method,
      target,
      scheme,
      protocol,
      authority,
      peer,
      tls,
      headers: new Headers(),
      body: null,
      upgrade: '',
      expectsContinue: false,
    }
    const x = new Exchange(head, nobody)
    this.inFlight++
    markRefused(x, refusal)
    x.status = refusal.status
    this.finished(x)
  }

  /** Drives the same stages without sending anything. */
  dryRun(head: RequestHead): Promise<Exchange> {
    return new Promise(resolve => {
      const x = new Exchange(head, { send: () => resolve(x), interim() {} })
      x.dry = true
      const pipeline = this.#place(x)
      if ('reason' in pipeline) {
        markRefused(x, pipeline)
        x.status = pipeline.status
        resolve(x)
      } else void handle(x, pipeline)
    })
  }

  /** Fills in host, path and client; @returns the pipeline, or why there is none. */
  #place(x: Exchange): Pipeline | Refusal {
    const snapshot = this.#snapshot
    x.trusted = snapshot.trusts(x.peer)
    if (x.trusted) x.client = clientAddress(x.peer, x.headers.list('x-forwarded-for'), snapshot.trusts)
    x.host = x.authority === '' ? '' : (readAuthority(x.authority)?.host ?? '')
    if (x.target === '*') x.path = '*'
    else {
      const reading = readTarget(x.target)
      if ('refusal' in reading) return { status: 400, reason: reading.refusal }
      x.path = reading.path
      x.query = reading.query
    }
    const found = snapshot.router.find(x.host, x.path === '*' ? '/' : x.path)
    if (found === undefined) return snapshot.lost
    x.candidates = found.candidates
    return found.pipeline
  }

  #answerRefusal(x: Exchange, refusal: Refusal): void {
    markRefused(x, refusal)
    const reply = plainReply(null, refusal.status, refusal.reason)
    reply.headers.set('connection', 'close')
    x.status = reply.status
    x.replyHeaders = reply.headers
    // The wire attaches itself to the exchange when this call has returned.
    queueMicrotask(() => x.wire.send(x, reply))
  }
}

function markRefused(x: Exchange, refusal: Refusal): void {
  x.pipeline = rejected
  // No trace was joined, but the record is one to be found and named.
  x.traceId = randomHex(32)
  x.spanId = x.requestId = randomHex(16)
  x.answeredBy = 'wire'
  x.error = 'malformed_request'
  x.errorText = refusal.reason
  x.note('wire', 'refused', refusal.status, 0, refusal.reason)
}
