// Which route a request takes: the most specific host, then the most specific path.
import type { Pipeline } from './pipeline/exchange.ts'

/** What a route matches, from its key in the configuration. */
export interface RouteMatch {
  /** `app.example.com`, `*.example.com` or `*`. */
  host: string
  /** A prefix ending in `/`, or a whole path when `exact`. */
  path: string
  exact: boolean
  pipeline: Pipeline
}

export interface Found {
  pipeline: Pipeline
  /** How many routes matched in all. */
  candidates: number
}

export class Router {
  readonly #exact = new Map<string, RouteMatch[]>()
  readonly #wildcard = new Map<string, RouteMatch[]>()
  readonly #any: RouteMatch[] = []

  constructor(routes: readonly RouteMatch[]) {
    for (const route of routes) this.#listFor(route).push(route)
    for (const list of [...this.#exact.values(), ...this.#wildcard.values(), this.#any]) list.sort(byPath)
  }

  /** @param host lower-case, without port */
  find(host: string, path: string): Found | undefined {
    let best: Pipeline | undefined
    let candidates = 0
    const search = (list: readonly RouteMatch[] | undefined): void => {
      if (list === undefined) return
      for (const route of list) {
        if (!matchesPath(route, path)) continue
        best ??= route.pipeline
        candidates++
      }
    }
    search(this.#exact.get(host))
    if (this.#wildcard.size > 0) {
      for (let dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) {
        search(this.#wildcard.get(host.slice(dot)))
      }
    }
    search(this.#any)
    return best === undefined ? undefined : { pipeline: best, candidates }
  }

  #listFor(route: RouteMatch): RouteMatch[] {
    if (route.host === '*') return this.#any
    const wildcard = route.host.startsWith('*.')
    const map = wildcard ? this.#wildcard : this.#exact
    const key = wildcard ? route.host.slice(1) : route.host
    let list = map.get(key)
    if (list === undefined) map.set(key, (list = []))
    return list
  }
}

/** `/api/*` is also for `/api` itself. */
function matchesPath(route: RouteMatch, path: string): boolean {
  if (route.exact) return route.path === path
  return path.startsWith(route.path) || (path.length === route.path.length - 1 && route.path.startsWith(path))
}

/** Whole paths first, then longer prefixes. */
function byPath(a: RouteMatch, b: RouteMatch): number {
  if (a.exact !== b.exact) return a.exact ? -1 : 1
  return b.path.length - a.path.length
}
