// HTTP/2 without TLS to an upstream (h2c, gRPC) through undici's dispatch: flow control and trailers kept.
import type { Dispatcher } from 'undici'
import { nowMs } from '../../lib/clock.ts'
import { Headers } from '../../lib/headers.ts'
import type { Body, BodySink } from '../../pipeline/body.ts'
import { ProxyError } from '../../pipeline/errors.ts'
import { Reply } from '../../pipeline/reply.ts'
import { replyHeaders } from '../forwarded.ts'
import { BodyStream } from './body-stream.ts'
import { asTransportError, incompleteError } from './errors.ts'
import type { Outgoing, Transport } from './transport.ts'

export interface H2cOptions {
  host: string
  port: number
  connectMs: number
  responseMs: number
  idleMs: number
  /** Idle limit of event streams, which are silent for long. */
  tunnelMs: number
}

const MAX_HEAD_BYTES = 64 * 1024
/** A head with more interim responses than this is an attack or a bug. */
const MAX_INTERIM = 16

type Client = Dispatcher & { stats?: { connected?: number | boolean }; close(): Promise<void> }

export class H2cTransport implements Transport {
  readonly #options: H2cOptions
  readonly #loading: Promise<Client>
  #client: Client | null = null

  constructor(options: H2cOptions) {
    this.#options = options
    const bare = options.host.includes(':') && !options.host.startsWith('[')
    const origin = new URL(`http://${bare ? `[${options.host}]` : options.host}:${options.port}`)
    this.#loading = this.#load(origin)
    // Each request that waits for it reports the failure.
    this.#loading.catch(() => {})
  }

  /** undici takes megabytes in each worker: only one with such a target loads it, before its first request. */
  async #load(origin: URL): Promise<Client> {
    const { H2CClient } = await import('undici')
    const { connectMs, responseMs, idleMs } = this.#options
    this.#client = new H2CClient(origin, {
      // undici takes whole milliseconds here.
      headersTimeout: Math.ceil(responseMs),
      bodyTimeout: Math.ceil(idleMs),
      connectTimeout: connectMs,
      maxHeaderSize: MAX_HEAD_BYTES,
    })
    return this.#client
  }

  send(out: Outgoing): void {
    this.#send(out).then(
      reply => out.replied(reply, nowMs()),
      error => out.failed(error),
    )
  }

  #send(out: Outgoing): Promise<Reply> {
    if (out.upgrade !== '') {
      out.onDone(false, nowMs())
      return Promise.reject(
        new ProxyError('http_upgrade_failed', 'no protocol switch over h2c', { unsent: true }),
      )
    }
    return new Promise((resolve, reject) => {
      const run = new Run(out, this.#options, resolve, reject)
      if (this.#client !== null) return this.#dispatch(this.#client, out, run)
      this.#loading.then(
        client => this.#dispatch(client, out, run),
        error => run.onResponseError(null, error),
      )
    })
  }

  #dispatch(client: Client, out: Outgoing, run: Run): void {
    if (run.gaveUp) return run.onResponseError(null, new Error('given up'))
    const { headers } = out
    try {
      client.dispatch(
        {
          path: out.target,
          method: out.method as Dispatcher.HttpMethod,
          headers: [...headers.flat],
          body: out.body === null ? null : new BodyStream(out.body),
          // A quiet event stream is well: it asks for the long limit in its Accept field.
          bodyTimeout: isEventStream(headers.get('accept')) ? this.#options.tunnelMs : this.#options.idleMs,
        },
        run,
      )
    } catch (error) {
      run.onResponseError(null, error as Error)
    }
  }

  connections(): number {
    return Number(this.#client?.stats?.connected ?? 0)
  }

  /** What waits for the client is sent first: it was there before. */
  close(): void {
    void this.#loading.then(client => client.close()).catch(() => {})
  }
}

function isEventStream(contentType: string | undefined): boolean {
  return contentType?.startsWith('text/event-stream') ?? false
}

/** One request on its way: undici's handler, and the body of the reply. */
class Run implements Dispatcher.DispatchHandler, Body {
  length = -1
  readonly #out: Outgoing
  readonly #options: H2cOptions
  readonly #resolve: (reply: Reply) => void
  readonly #reject: (error: ProxyError) => void
  #controller: Dispatcher.DispatchController | null = null
  #sink: BodySink | null = null
  #early: Buffer[] | null = null
  #state: 'waiting' | 'flowing' | 'ended' | 'failed' | 'done' = 'waiting'
  #trailers: Headers | null = null
  #error: ProxyError | null = null
  #interim = 0
  gaveUp = false

  constructor(
    out: Outgoing,
    options: H2cOptions,
    resolve: (reply: Reply) => void,
    reject: (error: ProxyError) => void,
  ) {
    this.#out = out
    this.#options = options
    this.#resolve = resolve
    this.#reject = reject
    out.cancel = () => this.cancel()
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    this.#out.attempt.connectedUs = this.#elapsedUs()
    if (this.gaveUp) controller.abort(new Error('given up'))
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    const flat = lowerFlat(controller.rawHeaders as Buffer[] | Record<string, string | string[]>)
    if (status < 200) return this.#interimResponse(controller, status, flat)
    this.#out.attempt.headUs = this.#elapsedUs()
    const headers = replyHeaders(flat)
    const length = headers.get('content-length')
    if (length !== undefined) this.length = Number(length)
    // Nothing flows before somebody starts the body.
    controller.pause()
    this.#state = 'flowing'
    const bodiless = status === 204 || status === 304 || this.#out.method === 'HEAD'
    if (bodiless) controller.resume()
    this.#resolve(new Reply(status, headers, bodiless ? null : this))
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#sink === null) {
      this.#early ??= []
      this.#early.push(chunk)
      controller.pause()
    } else if (!this.#sink.chunk(chunk)) controller.pause()
  }

  onResponseEnd(controller: Dispatcher.DispatchController): void {
    const raw = controller.rawTrailers as Buffer[] | Record<string, string | string[]> | null
    const flat = raw === null ? [] : lowerFlat(raw)
    this.#trailers = flat.length > 0 ? new Headers(flat) : null
    if (this.#state === 'flowing') this.#state = 'ended'
    this.#settle(true)
    if (this.#sink !== null) this.#deliverEnd()
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    if (this.#state === 'done' || this.#state === 'failed') return
    const waiting = this.#state === 'waiting'
    this.#state = 'failed'
    if (waiting) {
      this.#settle(false)
      this.#reject(asTransportError(error, this.#out, this.#options))
      return
    }
    this.#error = incompleteError(error)
    this.#settle(false)
    if (this.#sink !== null) this.#deliverEnd()
  }

  start(sink: BodySink): void {
    this.#sink = sink
    let flow = true
    for (const chunk of this.#early ?? []) flow = sink.chunk(chunk) && flow
    this.#early = null
    if (this.#state === 'ended' || this.#state === 'failed') this.#deliverEnd()
    else if (flow) this.#controller?.resume()
  }

  resume(): void {
    this.#controller?.resume()
  }

  cancel(): void {
    this.gaveUp = true
    if (this.#state === 'ended') this.#state = 'done'
    if (this.#state === 'done' || this.#state === 'failed') return
    this.#controller?.abort(new Error('given up'))
  }

  #deliverEnd(): void {
    const sink = this.#sink!
    const failed = this.#state === 'failed'
    this.#state = 'done'
    if (failed) sink.error(this.#error!)
    else sink.end(this.#trailers)
  }

  #settled = false
  #settle(complete: boolean): void {
    if (this.#settled) return
    this.#settled = true
    this.#out.cancel = null
    this.#out.onDone(complete, nowMs())
  }

  #interimResponse(controller: Dispatcher.DispatchController, status: number, flat: string[]): void {
    if (++this.#interim > MAX_INTERIM) controller.abort(new Error('too many interim responses'))
    else if (status !== 101) this.#out.onInterim(status, replyHeaders(flat))
  }

  #elapsedUs(): number {
    return Math.round((nowMs() - this.#out.startMs) * 1000)
  }
}

/** undici gives name and value as buffers (HTTP/1) or an object (HTTP/2). */
function lowerFlat(raw: Buffer[] | Record<string, string | string[]>): string[] {
  const flat: string[] = []
  if (Array.isArray(raw)) {
    for (let i = 0; i < raw.length; i += 2) {
      flat.push(raw[i]!.toString('latin1').toLowerCase(), raw[i + 1]!.toString('latin1'))
    }
    return flat
  }
  for (const name in raw) {
    if (name[0] === ':') continue
    const value = raw[name]!
    for (const one of Array.isArray(value) ? value : [value]) flat.push(name, String(one))
  }
  return flat
}
