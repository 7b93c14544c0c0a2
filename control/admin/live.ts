// GET /api/v1/live: what happens, as server-sent events (HTML standard, section 9.2) to a bounded number of pages.
import type { LiveEvent } from './contract.ts'
import { Problem } from './problem.ts'
import type { AdminServices } from './services.ts'

const MAX_CLIENTS = 32
const HEARTBEAT_MS = 15_000
/** What may wait for a client that reads slowly; beyond it, the client is cut and may come again. */
const MAX_WAITING_BYTES = 1024 * 1024
/** Seconds of the past that a page gets at once. */
const TICKS_AT_START = 60
const RETRY_MS = 2000
const HEADERS = { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' }

/** One page that watches. */
interface Client {
  send(text: string): void
  end(): void
  /** False when its session is over. */
  valid(): boolean
}

export interface Watching {
  valid(): boolean
  /** Ends the connection at once. */
  cut(): void
}

export class LiveClients {
  readonly #services: AdminServices
  readonly #clients = new Set<Client>()
  readonly #timer = setInterval(() => this.heartbeat(), HEARTBEAT_MS).unref()

  constructor(services: AdminServices) {
    this.#services = services
  }

  get size(): number {
    return this.#clients.size
  }

  /** @throws Problem 429 when too many watch, QueryError 422 when the filter is wrong */
  open(q: string, watching: Watching): Response {
    if (this.#clients.size >= MAX_CLIENTS)
      throw new Problem(429, `${MAX_CLIENTS} live views are open; close one`, 10)
    return new Response(this.#stream(q, watching), { headers: HEADERS })
  }

  /** Keeps idle connections alive through what lies between, and ends those whose session is over. */
  heartbeat(): void {
    for (const client of this.#clients) {
      if (client.valid()) client.send(':\n\n')
      else client.end()
    }
  }

  close(): void {
    clearInterval(this.#timer)
    for (const client of this.#clients) client.end()
  }

  /** What `start` throws, the constructor of the stream throws: a wrong filter is known before any answer. */
  #stream(q: string, watching: Watching): ReadableStream<Uint8Array> {
    let leave = (): void => {}
    return new ReadableStream<Uint8Array>(
      {
        start: controller => {
          leave = this.#join(q, watching, controller)
        },
        cancel: () => leave(),
      },
      new ByteLengthQueuingStrategy({ highWaterMark: MAX_WAITING_BYTES }),
    )
  }

  #join(q: string, watching: Watching, controller: ReadableStreamDefaultController<Uint8Array>): () => void {
    let stop = (): void => {}
    let joined = true
    const leave = (): void => {
      joined = false
      this.#clients.delete(client)
      stop()
    }
    const client: Client = {
      valid: watching.valid,
      send: text => {
        if (!joined) return
        const bytes = Buffer.from(text)
        if ((controller.desiredSize ?? 0) >= bytes.length) return controller.enqueue(bytes)
        leave()
        watching.cut()
      },
      end: () => {
        leave()
        controller.close()
      },
    }
    client.send(`retry: ${RETRY_MS}\n\n`)
    for (const tick of this.#services.ticks().slice(-TICKS_AT_START))
      client.send(frame({ type: 'tick', tick }))
    stop = this.#subscribe(q, client)
    if (joined) this.#clients.add(client)
    else stop()
    return leave
  }

  #subscribe(q: string, client: Client): () => void {
    try {
      return this.#services.subscribe(q, event => client.send(frame(event)))
    } catch (error) {
      throw error instanceof RangeError ? new Problem(429, error.message, 10) : error
    }
  }
}

/** JSON has no line break inside, so one data line carries it. */
const frame = (event: LiveEvent): string => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`
