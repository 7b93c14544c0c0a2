// Where requests come in from the wires: read once, matched once, handed to their pipeline.

import { rejectReason } from '../telemetry/reject.ts'
import type { Snapshot } from './build.ts'
import { readAuthority } from './lib/authority.ts'
import { readClient } from './lib/client-address.ts'
import type { ClientLimits } from './lib/client-limits.ts'
import { nowMs } from './lib/clock.ts'
import { escapeBytes } from './lib/escape-bytes.ts'
import { Headers } from './lib/headers.ts'
import { readTarget } from './lib/path.ts'
import { randomHex } from './lib/random-id.ts'
import type { Body } from './pipeline/body.ts'
import { plainReply } from './pipeline/error-reply.ts'
import { type ClientEnd, Exchange, type Pipeline, type Place, type RequestHead } from './pipeline/exchange.ts'
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

/** RFC 9110 section 9.3.7: OPTIONS of the server as a whole. */
const ASTERISK = { path: '*', query: '' }

/** As much of a request line as a record shows of what was none. */
const FIRST_WORDS = /^(\S{1,32}) (\S{1,1024})/

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

  get h2c(): boolean {
    return this.#snapshot.h2c
  }

  get proxySenders(): Gate['proxySenders'] {
    return this.#snapshot.proxySenders
  }

  accept(head: RequestHead, end: ClientEnd, body: Body | null): Exchange {
    const x = new Exchange(head, end, body)
    this.inFlight++
    const { place } = head
    if (place !== null && place.snapshot === this.#snapshot) this.#handle(x, place)
    else this.#arrive(x, head)
    return x
  }

  finished(x: Exchange): void {
    finish(x, this.#observe)
  }

  readonly #observe = (x: Exchange): void => {
    this.inFlight--
    // Its head was a request, what came behind it was none.
    if (x.error === 'malformed_request' && x.pipeline !== rejected)
      this.#reject(x, rejectReason(x, x.notes), `${x.method} ${x.target}`)
    this.#recorder.exchange(x, x.pipeline?.route ?? REJECTED)
  }

  /** Counted and shown like any exchange; nothing of it went further. */
  refused(request: RefusedRequest): void {
    const { scheme, protocol = '', authority = '', connection, tls, refusal, bytes } = request
    const line = FIRST_WORDS.exec(bytes)
    const { method = line?.[1] ?? '', target = line?.[2] ?? '' } = request
    const head = {
      method,
      target,
      scheme,
      protocol,
      authority,
      connection,
      tls,
      headers: new Headers(),
      upgrade: '',
      expectsContinue: false,
      place: null,
    }
    const x = new Exchange(head, nobody)
    this.inFlight++
    markRefused(x, refusal)
    x.status = refusal.status
    this.#reject(x, refusal.reason, bytes)
    this.finished(x)
  }

  handshakeFailed(reason: string, client: string): void {
    const line = { reason, client, connection: '', scheme: 'https' as const, protocol: '', bytes: '' }
    this.#recorder.rejects.tls.add(reason, nowMs(), () => line)
  }

  #reject(x: Exchange, reason: string, bytes: string): void {
    const { client, scheme, protocol } = x
    this.#recorder.rejects.http.add(reason, nowMs(), () => {
      const connection = `${this.#recorder.worker}-${x.connection.number}`
      return { reason, client, connection, scheme, protocol, bytes: escapeBytes(bytes) }
    })
  }

  /** Drives the same stages without sending anything. */
  dryRun(head: RequestHead): Promise<Exchange> {
    return new Promise(resolve => {
      const x = new Exchange(head, { send: () => resolve(x), interim() {} })
      x.dry = true
      const place = this.#place(head)
      if (!('reason' in place)) return this.#handle(x, place)
      markRefused(x, place)
      x.status = place.status
      resolve(x)
    })
  }

  #handle(x: Exchange, place: Place): void {
    x.takePlace(place)
    if (place.contradicts) x.note('wire', 'contradiction')
    handle(x, place.pipeline)
  }

  /** A head that is seen for the first time. */
  #arrive(x: Exchange, head: RequestHead): void {
    const place = this.#place(head)
    if ('reason' in place) return this.#answerRefusal(x, place)
    head.place = place
    this.#handle(x, place)
  }

  /** @returns where the request leads, or why it leads nowhere */
  #place({ connection, authority, target, headers }: RequestHead): Place | Refusal {
    const snapshot = this.#snapshot
    const { peer } = connection
    const mayTell = connection.named && snapshot.trusts(peer)
    const { client, believed } = mayTell ? readClient(peer, headers, snapshot.trusts) : nobodyTold(peer)
    const host = authority === '' ? '' : (readAuthority(authority)?.host ?? '')
    const reading = target === '*' ? ASTERISK : readTarget(target)
    if ('refusal' in reading) return { status: 400, reason: reading.refusal }
    const { path, query } = reading
    const { pipeline, candidates } = snapshot.router.find(host, path === '*' ? '/' : path) ?? {
      pipeline: snapshot.lost,
      candidates: 0,
    }
    const contradicts = mayTell && !believed
    return {
      snapshot,
      pipeline,
      host,
      path,
      query,
      client,
      trusted: believed,
      contradicts,
      candidates,
      facts: [],
    }
  }

  #answerRefusal(x: Exchange, refusal: Refusal): void {
    markRefused(x, refusal)
    this.#reject(x, refusal.reason, `${x.method} ${x.target}`)
    const reply = plainReply(null, refusal.status, refusal.reason)
    reply.headers.set('connection', 'close')
    x.status = reply.status
    x.replyHeaders = reply.headers
    // The wire attaches itself to the exchange when this call has returned.
    queueMicrotask(() => x.wire.send(x, reply))
  }
}

/** The usual case: a peer that may speak for nobody. */
const nobodyTold = (peer: string) => ({ client: peer, believed: false })

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
