// A stage: one policy on the request's path, and what a file in stages/ exports.
import type { z } from 'zod'
import type { Zod } from '../lib/zod.ts'
import type { ProxyError } from './errors.ts'
import type { Exchange } from './exchange.ts'
import type { Reply } from './reply.ts'

/** Only promises are awaited: the synchronous path stays synchronous. */
export type Now<T> = T | Promise<T>

/**
 * One policy on the request's path. Implement only the hooks you need.
 *
 * Requests go down the list until a stage returns a Reply; replies come back up through the stages
 * already passed. So a stage above the cache sees every reply, one below it only what the upstream sent.
 */
export interface Stage {
  readonly name: string
  /** Return a Reply to answer here: the stages below and the upstream are skipped. */
  onRequest?(x: Exchange): Now<Reply | void>
  /** The head is known and nothing is sent yet: amend the reply in place. Runs bottom to top. */
  onReply?(x: Exchange, reply: Reply): Now<void>
  /** The upstream or a stage below failed: return a Reply to rescue (stale-if-error). Nearest first. */
  onError?(x: Exchange, error: ProxyError): Now<Reply | void>
  /** Exactly once, after the last byte or the abort. Must not throw. */
  onFinish?(x: Exchange): void
}

/** What the house gives a stage when it is built. */
export interface StageEnv {
  /** The route the stage is built for. */
  readonly route: string
  /** State that survives a reload (caches, buckets), made once per name. */
  keep<T>(name: string, make: () => T): T
}

export type Schema<Config> = z.ZodType<Config>

/**
 * What a file in stages/ exports. `schema` types, checks and documents its key in a route;
 * `fallback` is its configuration where the key is missing (undefined: the stage is left out).
 */
export interface StageModule<Config> {
  /** Also the key in a route's configuration. */
  readonly name: string
  /** Built with the zod that config/ brings: a worker gets checked configuration and must not load zod. */
  schema(z: Zod): Schema<Config>
  readonly fallback: Config | undefined
  /** Undefined: this configuration turns the stage off. */
  create(config: Config, env: StageEnv): Stage | undefined
}
