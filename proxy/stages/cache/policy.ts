// What a route's configuration means for its cache, worked out once.
import type { Exchange } from '../../pipeline/exchange.ts'
import type { CacheConfig } from './config.ts'
import { type KeyRecipe, recipe } from './key.ts'

/** Where a route says otherwise than its responses: all of it departs from RFC 9111. */
export interface Overrides {
  /** Seconds that a response of this status is fresh; −1: it says so itself. */
  ttlS(status: number): number
  /** Seconds that a stale answer may stand in while it is refreshed, and where the upstream fails. */
  readonly graceS: number
  /** The same, only where the upstream fails. */
  readonly staleIfErrorS: number
  /** Longest guessed lifetime; 0: none is guessed. */
  readonly heuristicCapS: number
}

export const NO_OVERRIDES: Overrides = { ttlS: () => -1, graceS: -1, staleIfErrorS: -1, heuristicCapS: 0 }

export interface Policy {
  readonly route: string
  /** The disk tier may keep what is stored. */
  readonly disk: boolean
  /** Of all that is stored. */
  readonly tags: readonly string[]
  readonly maxObjectBytes: number
  readonly key: KeyRecipe
  readonly overrides: Overrides
  /** HEAD is answered from what GET stored. */
  readonly answersHead: boolean
  /** @returns the rule by which this request goes past the cache, '' where none does */
  ruledOut(x: Exchange): string
}

export function policyOf(config: CacheConfig, route = ''): Policy {
  const { maxObjectBytes, disk, methods, bypass, key, tags } = config
  const any = bypass.headers.length + bypass.cookies.length + bypass.paths.length > 0
  return {
    route,
    disk,
    tags,
    maxObjectBytes,
    key: recipe(key),
    overrides: overridesOf(config),
    answersHead: methods.includes('HEAD'),
    ruledOut: any ? x => ruleFor(x, bypass) : () => '',
  }
}

function overridesOf({ ttlS, graceS, staleIfErrorS, heuristicCapS }: CacheConfig): Overrides {
  const byStatus = new Map(Object.entries(ttlS))
  if (byStatus.size === 0 && graceS < 0 && staleIfErrorS < 0 && heuristicCapS === 0) return NO_OVERRIDES
  return {
    // The exact status before its class.
    ttlS: status => byStatus.get(String(status)) ?? byStatus.get(`${Math.floor(status / 100)}xx`) ?? -1,
    graceS,
    staleIfErrorS,
    heuristicCapS,
  }
}

function ruleFor(x: Exchange, { headers, cookies, paths }: CacheConfig['bypass']): string {
  for (const name of headers) if (x.headers.has(name)) return `rule:header:${name}`
  for (const path of paths) if (matches(path, x.path)) return `rule:path:${path}`
  if (cookies.length === 0) return ''
  for (const name of cookieNames(x.headers.list('cookie')))
    for (const rule of cookies) if (matches(rule, name)) return `rule:cookie:${rule}`
  return ''
}

function cookieNames(field: string | undefined): string[] {
  return field === undefined ? [] : field.split(/[;,]/).map(pair => pair.split('=', 1)[0]!.trim())
}

/** A name, or how it begins where it ends in `*`. */
function matches(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern
}
