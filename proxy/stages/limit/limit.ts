// Limit: a rate with a burst per client or per header value; refuses with 429 and says when to come back.
import { hash } from 'node:crypto'
import { clientKey } from '../../lib/client-key.ts'
import { fact } from '../../lib/fact.ts'
import { type Allowed, type GcraPolicy, GcraStore } from '../../lib/gcra.ts'
import { ownText } from '../../lib/own-text.ts'
import { plainReply } from '../../pipeline/error-reply.ts'
import { type Exchange, slot } from '../../pipeline/exchange.ts'
import type { Reply } from '../../pipeline/reply.ts'
import type { StageEnv, StageModule } from '../../pipeline/stage.ts'
import { type LimitConfig, limitSchema } from './config.ts'

/** The allowances of all routes of a worker: what `env.keep('limit', …)` holds. */
export class Limiters {
  readonly #routes = new Map<string, GcraStore>()

  of(route: string): GcraStore {
    let store = this.#routes.get(route)
    if (store === undefined) this.#routes.set(route, (store = new GcraStore()))
    return store
  }

  /** Keys held over all routes: a worker's gauge. */
  get keys(): number {
    let keys = 0
    for (const store of this.#routes.values()) keys += store.size
    return keys
  }
}

/** Longer header values are kept as their hash: what a client can make us hold is bounded. */
const MAX_VALUE = 64

const decided = slot<Allowed>()
const limitKey = fact<string>()

export const limit: StageModule<LimitConfig> = {
  name: 'limit',
  schema: limitSchema,
  fallback: undefined,
  create: (config, env) => createLimit(config, env, x => x.atMs),
}

/** @param now monotonic milliseconds of a request */
export function createLimit(config: LimitConfig, env: StageEnv, now: (x: Exchange) => number) {
  const { burst, by, dryRun } = config
  const policy: GcraPolicy = { intervalMs: config.rate.perMs / config.rate.count, burst }
  const store = env.keep('limit', () => new Limiters()).of(env.route)
  const header = by.startsWith('header:') ? by.slice(7) : ''
  const kind = header === '' ? 'client' : by
  const quota = quotaText()
  const policyField = `"default";q=${burst};w=${Math.ceil((policy.intervalMs * burst) / 1000)}`
  return {
    name: 'limit',
    onRequest(x: Exchange): Reply | void {
      const key = x.fact(limitKey) ?? x.keepFact(limitKey, keyOf(x, header))
      const decision = store.take(key, now(x), policy, x.dry)
      x.setSlot(decided, decision)
      if (decision.allowed) return x.note('limit', 'allowed', decision.remaining, burst, kind)
      x.limited = !dryRun
      x.note('limit', dryRun ? 'would-limit' : 'limited', decision.retryAfterMs, burst, kind)
      if (!dryRun) return refuse(x, decision)
    },
    onReply(x: Exchange, reply: Reply): void {
      const decision = x.slot(decided)
      if (decision === undefined || dryRun) return
      // draft-ietf-httpapi-ratelimit-headers: what is left, and in how many seconds it is whole again.
      const resetMs = decision.allowed ? decision.resetMs : decision.retryAfterMs
      reply.headers.extend('ratelimit-policy', policyField)
      reply.headers.append('ratelimit', quota(decision.remaining, Math.ceil(resetMs / 1000)))
    },
  }
}

/** @returns the RateLimit field's text, the last one kept: whoever has enough left is told the same again */
function quotaText(): (remaining: number, resetS: number) => string {
  let last = ''
  let lastRemaining = -1
  let lastResetS = -1
  return (remaining, resetS) => {
    if (remaining === lastRemaining && resetS === lastResetS) return last
    lastRemaining = remaining
    lastResetS = resetS
    return (last = `"default";r=${remaining};t=${resetS}`)
  }
}

function keyOf(x: Exchange, header: string): string {
  const value = header === '' ? undefined : x.headers.list(header)
  if (value === undefined) return clientKey(x.client)
  // The equals sign keeps a header's value from passing for an address; a copy, or each key would keep its whole head.
  return ownText(`=${value.length > MAX_VALUE ? hash('sha256', value, 'base64') : value}`)
}

function refuse(x: Exchange, decision: Allowed): Reply {
  const seconds = Math.ceil(decision.retryAfterMs / 1000)
  x.error = 'rate_limited'
  x.errorText = `too many requests, next in ${seconds} s`
  const reply = plainReply(x, 429, `Try again in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}.`)
  reply.headers.append('retry-after', String(seconds))
  return reply
}
