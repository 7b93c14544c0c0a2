// Drives stages through handle() without a socket: a fake client end, a fake upstream, bodies by hand.
import { Headers } from '../../../proxy/lib/headers.ts'
import type { Body, BodySink } from '../../../proxy/pipeline/body.ts'
import { NO_CONNECTION } from '../../../proxy/pipeline/connection.ts'
import {
  type ClientEnd,
  Exchange,
  type ForwardEnd,
  type RequestHead,
} from '../../../proxy/pipeline/exchange.ts'
import { abort, finish, handle } from '../../../proxy/pipeline/handle.ts'
import { Reply } from '../../../proxy/pipeline/reply.ts'
import type { Stage, StageEnv } from '../../../proxy/pipeline/stage.ts'

/** A stage's surroundings: kept state lives as long as this object. */
export function stageEnv(route = 'app.example.com'): StageEnv {
  const kept = new Map<string, unknown>()
  return {
    route,
    keep<T>(name: string, make: () => T): T {
      if (!kept.has(name)) kept.set(name, make())
      return kept.get(name) as T
    },
  }
}

/** A body whose bytes a test pushes; remembers whether it was held or cancelled. */
export class HandBody implements Body {
  readonly length: number
  cancelled = false
  held = false
  sink: BodySink | null = null

  constructor(length = -1) {
    this.length = length
  }

  start(sink: BodySink): void {
    this.sink = sink
  }

  resume(): void {
    this.held = false
  }

  cancel(): void {
    this.cancelled = true
  }

  push(text: string | Buffer): void {
    this.held = this.sink!.chunk(Buffer.from(text)) === false
  }

  end(): void {
    this.sink!.end(null)
  }
}

/** A body that gives its chunks at once when started. */
export class ReadyBody implements Body {
  readonly length: number
  readonly #chunks: readonly Buffer[]
  readonly #error: Error | undefined

  constructor(chunks: readonly (string | Buffer)[], length = -1, error?: Error) {
    this.#chunks = chunks.map(chunk => Buffer.from(chunk))
    this.length = length
    this.#error = error
  }

  start(sink: BodySink): void {
    for (const chunk of this.#chunks) sink.chunk(chunk)
    if (this.#error) sink.error(this.#error)
    else sink.end(null)
  }

  resume(): void {}
  cancel(): void {}
}

/** What a client saw. */
export interface Seen {
  x: Exchange
  status: number
  headers: Headers
  body: Buffer
  /** False: the body broke off. */
  complete: boolean
}

export interface Ask {
  method?: string
  url?: string
  headers?: Record<string, string> | string[]
  body?: Body | null
  client?: string
  trusted?: boolean
  dry?: boolean
  protocol?: string
  scheme?: 'http' | 'https'
  upgrade?: string
}

/** The wire of these tests: reads the reply as node:http would and finishes the exchange. */
export class Client implements ClientEnd {
  readonly seen: Promise<Seen>
  #resolve!: (seen: Seen) => void
  body: Body | null = null
  /** What has come so far. */
  readonly chunks: Buffer[] = []
  /** Sees each chunk as it arrives. */
  watch: (data: Buffer) => void = () => {}
  /** True: holds whatever flows. */
  slow = false

  constructor() {
    this.seen = new Promise(resolve => {
      this.#resolve = resolve
    })
  }

  send(x: Exchange, reply: Reply): void {
    const { chunks } = this
    const done = (complete: boolean) => {
      finish(x, () => {})
      const { status, headers } = reply
      this.#resolve({ x, status, headers, body: Buffer.concat(chunks), complete })
    }
    const bytes = reply.take() ?? Buffer.alloc(0)
    this.body = Buffer.isBuffer(bytes)
      ? new ReadyBody(bytes.length === 0 ? [] : [bytes], bytes.length)
      : bytes
    if (x.method === 'HEAD') {
      this.body.cancel()
      done(true)
    } else {
      this.body.start({
        chunk: data => {
          chunks.push(Buffer.from(data))
          this.watch(data)
          return !this.slow
        },
        end: () => done(true),
        error: () => done(false),
      })
    }
  }

  interim(): void {}

  /** The client leaves, as the wire would report it. */
  leave(x: Exchange): void {
    abort(x)
    this.body?.cancel()
    finish(x, () => {})
  }
}

export function exchange(ask: Ask = {}, wire: ClientEnd = new Client()): Exchange {
  const url = new URL(ask.url ?? 'http://app.example.com/')
  const fields = ask.headers ?? {}
  const headers = Array.isArray(fields) ? Headers.from(fields) : Headers.of(fields)
  const head: RequestHead = {
    method: ask.method ?? 'GET',
    target: url.pathname + url.search,
    scheme: ask.scheme ?? (url.protocol === 'https:' ? 'https' : 'http'),
    protocol: ask.protocol ?? '1.1',
    authority: url.host,
    headers,
    upgrade: ask.upgrade ?? '',
    expectsContinue: false,
    connection: { ...NO_CONNECTION, peer: ask.client ?? '203.0.113.9' },
    tls: null,
    place: null,
  }
  const x = new Exchange(head, wire, ask.body ?? null)
  x.host = url.hostname
  x.path = url.pathname
  x.query = url.search.slice(1)
  x.trusted = ask.trusted ?? false
  x.dry = ask.dry ?? false
  return x
}

/** One request through `stages`, with `upstream` at their end. */
export function send(
  stages: readonly Stage[],
  upstream: (x: Exchange) => Reply | Promise<Reply>,
  ask: Ask = {},
): Promise<Seen> {
  return start(stages, upstream, ask).seen
}

/** The same, for tests that act while it is under way. */
export function start(
  stages: readonly Stage[],
  upstream: (x: Exchange) => Reply | Promise<Reply>,
  ask: Ask = {},
): { x: Exchange; client: Client; seen: Promise<Seen> } {
  const client = new Client()
  const x = exchange(ask, client)
  const forward = (y: Exchange, end: ForwardEnd) =>
    void Promise.resolve(y)
      .then(upstream)
      .then(
        reply => end.replied(y, reply),
        error => end.failed(y, error),
      )
  handle(x, { route: 'app.example.com', stages, forward })
  return { x, client, seen: client.seen }
}

export function ok(body: string | Buffer | Body = 'hello', headers: Record<string, string> = {}): Reply {
  const content = typeof body === 'string' ? Buffer.from(body) : body
  const known = Buffer.isBuffer(content) ? { 'content-length': String(content.length) } : {}
  const fields = { 'content-type': 'text/plain', ...known, ...headers }
  return new Reply(200, Headers.of(fields), content)
}

/** The reasons a stage noted, in order. */
export function reasons(x: Exchange, stage: string): string[] {
  return x.notes.filter(note => note.stage === stage).map(note => note.reason)
}

/** Small seeded generator (mulberry32): the same numbers in every run. */
export function seeded(seed: number): () => number {
  let a = seed
  return () => {
    a = (a + 0x6d2b79f5) | 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
