// A cached route with a clock by hand and an origin that counts what it is asked.
import { Block, Headers } from '../../../../proxy/lib/headers.ts'
import type { Exchange } from '../../../../proxy/pipeline/exchange.ts'
import type { Reply } from '../../../../proxy/pipeline/reply.ts'
import { createCache } from '../../../../proxy/stages/cache/cache.ts'
import { CACHE_DEFAULTS, type CacheConfig } from '../../../../proxy/stages/cache/config.ts'
import type { Room } from '../../../../proxy/stages/cache/room.ts'
import { type Ask, ok, reasons, type Seen, send, stageEnv, start } from '../support.ts'

export type Origin = (x: Exchange) => Reply | Promise<Reply>

export class World {
  /** Unix milliseconds. */
  now = Date.UTC(2026, 0, 1)
  /** Requests the origin saw, with their fields as they were then. */
  readonly asked: { method: string; path: string; query: string; fields: Record<string, string> }[] = []
  readonly env = stageEnv()
  origin: Origin
  readonly #stage
  readonly #blocks = new Map<string, Block>()

  constructor(origin: Origin, rules: Partial<CacheConfig> = {}) {
    this.origin = origin
    const config = { ...CACHE_DEFAULTS, maxObjectBytes: 10_000, memoryBytes: 1_000_000, ...rules }
    this.#stage = createCache(config, this.env, () => this.now)!
  }

  get room(): Room {
    return this.env.keep('cache', () => {
      throw new Error('no room')
    })
  }

  get(ask: Ask = {}): Promise<Seen> {
    return send([this.#stage], x => this.#ask(x), ask)
  }

  begin(ask: Ask = {}) {
    return start([this.#stage], x => this.#ask(x), ask)
  }

  pass(seconds: number): void {
    this.now += seconds * 1000
  }

  #ask(x: Exchange): Reply | Promise<Reply> {
    const fields: Record<string, string> = {}
    const { flat } = x.asks ?? x.headers
    for (let i = 0; i < flat.length; i += 2) fields[flat[i]!] = flat[i + 1]!
    this.asked.push({ method: x.method, path: x.path, query: x.asksQuery ?? x.query, fields })
    const reply = this.origin(x)
    return reply instanceof Promise ? reply.then(later => this.#known(later)) : this.#known(reply)
  }

  /** As from the wire: a head that was seen before is the same block, with what was concluded from it. */
  #known(reply: Reply): Reply {
    const { flat } = reply.headers
    const text = flat.join('\n')
    let block = this.#blocks.get(text)
    if (block === undefined) this.#blocks.set(text, (block = new Block(flat)))
    reply.headers = new Headers(block)
    return reply
  }
}

/** Cache-Status without the hash of the key, which is another in each world. */
export function cacheStatus(seen: Seen): string | undefined {
  return seen.headers.get('cache-status')?.replace(/; key="[0-9a-z]+"/, '')
}

/** An origin whose answers count up, all with these fields. */
export function counting(fields: Record<string, string>): Origin {
  let count = 0
  return () => ok(`answer ${++count}`, fields)
}

export function notModified(fields: Record<string, string> = {}): Reply {
  const reply = ok('', fields)
  reply.status = 304
  reply.body = null
  reply.headers.delete('content-length')
  reply.headers.delete('content-type')
  return reply
}

/** Body, verdict and notes: what most tests look at. */
export function told(seen: Seen): [string, string, string[]] {
  return [seen.body.toString(), seen.x.cache, reasons(seen.x, 'cache')]
}

/** Lets everything that can run, run. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve()
}
