// The control process's hand on the query thread: ask a question, get a typed answer or a QueryError.
import { Worker } from 'node:worker_threads'
import { threadUrl } from '../thread-url.ts'
import { QueryError } from './query-error.ts'
import type { Answer, Params, Question, QuestionName, Reply } from './questions.ts'

/** The thread gives up a little earlier by itself; this catches a thread that hangs. */
const TIMEOUT_MS = 2500
/** Until its first answer: it has to load SQLite, perhaps on a machine that is busy starting everything else. */
const FIRST_TIMEOUT_MS = 15_000
const MAX_WAITING = 64
const LIMITS = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 8 }

interface Waiting {
  resolve: (answer: unknown) => void
  reject: (error: Error) => void
  timer: NodeJS.Timeout
}

/**
 * Read-only questions over the SQLite files.
 *
 *     const query = new Query({ dataDir })
 *     const overview = await query.ask('overview', { scope, inFlight: counters.inFlight, upstreams: counters.upstreams() })
 *
 * A wrong filter rejects with QueryError status 422 and its position, one that reads too much with 503.
 */
export class Query {
  readonly #dataDir: string
  readonly #waiting = new Map<number, Waiting>()
  #thread: Worker | null = null
  /** The thread has answered before. */
  #warm = false
  #nextId = 0

  constructor(options: { dataDir: string }) {
    this.#dataDir = options.dataDir
  }

  /** Rejects with QueryError. */
  ask<Q extends QuestionName>(name: Q, params: Params<Q>): Promise<Answer<Q>> {
    if (this.#waiting.size >= MAX_WAITING) {
      return Promise.reject(new QueryError(503, 'too many questions at once; try again'))
    }
    const id = ++this.#nextId
    return new Promise<Answer<Q>>((resolve, reject) => {
      const timer = setTimeout(() => this.#timedOut(id), this.#warm ? TIMEOUT_MS : FIRST_TIMEOUT_MS)
      this.#waiting.set(id, { resolve: answer => resolve(answer as Answer<Q>), reject, timer })
      this.#running().postMessage({ id, askedMs: Date.now(), name, params } satisfies Question)
    })
  }

  /** Ends the thread; what was asked and not answered rejects. */
  async close(): Promise<void> {
    await this.#thread?.terminate()
  }

  /** Starts the thread with the first question: an appliance nobody looks at does without it. */
  #running(): Worker {
    if (this.#thread !== null) return this.#thread
    const thread = new Worker(threadUrl(import.meta.url, 'thread'), {
      workerData: { dataDir: this.#dataDir },
      resourceLimits: LIMITS,
      name: 'oriel-query',
    })
    thread.on('message', (reply: Reply) => this.#receive(reply))
    thread.on('error', error => this.#failAll(error instanceof Error ? error.message : String(error)))
    thread.on('exit', () => {
      if (this.#thread === thread) this.#thread = null
      this.#failAll('the query thread ended')
    })
    this.#thread = thread
    this.#warm = false
    return thread
  }

  #receive(reply: Reply): void {
    this.#warm = true
    const waiting = this.#take(reply.id)
    if (waiting === undefined) return
    if ('answer' in reply) waiting.resolve(reply.answer)
    else waiting.reject(new QueryError(reply.error.status, reply.error.message, reply.error.position))
  }

  #timedOut(id: number): void {
    this.#take(id)?.reject(new QueryError(503, 'no answer in time; narrow the time range or the filter'))
  }

  #failAll(message: string): void {
    for (const id of [...this.#waiting.keys()]) this.#take(id)?.reject(new QueryError(503, message))
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id)
    if (waiting === undefined) return undefined
    clearTimeout(waiting.timer)
    this.#waiting.delete(id)
    return waiting
  }
}
