// Config → Snapshot: the one place that knows every part. Decided here once, not per request.

import { BlockList, isIP } from 'node:net'
import type { Config, RouteConfig, Target } from '../config/schema.ts'
import { plainAddress, type Trusts } from './lib/client-address.ts'
import type { ClientLimits } from './lib/client-limits.ts'
import { plainReply } from './pipeline/error-reply.ts'
import type { Pipeline } from './pipeline/exchange.ts'
import type { Stage, StageEnv, StageModule } from './pipeline/stage.ts'
import type { Registry } from './registry.ts'
import { type RouteMatch, Router } from './router.ts'
import { stages as order } from './stages/index.ts'
import { trace } from './stages/trace.ts'
import { unmatched } from './stages/unmatched.ts'
import { balancers } from './upstream/balancers/index.ts'
import { forward } from './upstream/forward.ts'
import { Group, type Member } from './upstream/group.ts'
import { Http1Transport } from './upstream/transport/http1/transport.ts'
import { Http2Transport } from './upstream/transport/http2/transport.ts'
import type { Transport } from './upstream/transport/transport.ts'
import { Upstream } from './upstream/upstream.ts'

/** All that a configuration means to the data plane; replaced as a whole by a reload. */
export interface Snapshot {
  readonly generation: number
  readonly router: Router
  /** For requests that no route takes. */
  readonly lost: Pipeline
  readonly trusts: Trusts
  /** Who must begin connections with a PROXY header, by listener; null: nobody. */
  readonly proxySenders: { readonly http: Trusts | null; readonly https: Trusts | null }
  readonly limits: ClientLimits
  /** HTTP/2 without TLS, too. */
  readonly h2c: boolean
  readonly groups: ReadonlyMap<string, Group>
  readonly disabledRoutes: { route: string; reason: string }[]
}

export const UNMATCHED = '_unmatched'

export function build(config: Config, generation: number, registry: Registry): Snapshot {
  registry.begin()
  const matches: RouteMatch[] = []
  const groups = new Map<string, Group>()
  const disabledRoutes: { route: string; reason: string }[] = []
  for (const route of config.routes) {
    let pipeline: Pipeline
    try {
      const group = buildGroup(route, registry)
      groups.set(route.name, group)
      pipeline = {
        route: route.name,
        stages: buildStages(route, registry),
        forward: (x, end) => forward(x, group, end),
      }
    } catch (error) {
      // A route that cannot start disables itself alone and says so; the rest runs.
      disabledRoutes.push({ route: route.name, reason: (error as Error).message })
      pipeline = disabled(route.name)
    }
    matches.push({ host: route.host, path: route.path, exact: route.exact, pipeline })
  }
  registry.sweep()
  const hosts = config.routes.map(route => route.name)
  return {
    generation,
    router: new Router(matches),
    lost: { route: UNMATCHED, stages: [...defaultTrace(registry), unmatched(hosts)], forward: nowhere },
    trusts: trustsOf(config.trustedProxies),
    proxySenders: { http: sendersTo(config, 'http'), https: sendersTo(config, 'https') },
    limits: config.client,
    h2c: config.listen.http?.h2c ?? false,
    groups,
    disabledRoutes,
  }
}

function buildStages(route: RouteConfig, registry: Registry): Stage[] {
  const env = envOf(route.name, registry)
  const built: Stage[] = []
  for (const module of order as readonly StageModule<unknown>[]) {
    const config = route.stages[module.name] ?? module.fallback
    const stage = config === undefined ? undefined : module.create(config, env)
    if (stage !== undefined) built.push(stage)
  }
  return built
}

function envOf(route: string, registry: Registry): StageEnv {
  return { route, keep: (name, make) => registry.keep(`stage:${name}`, make) }
}

function defaultTrace(registry: Registry): Stage[] {
  const stage =
    trace.fallback === undefined ? undefined : trace.create(trace.fallback, envOf(UNMATCHED, registry))
  return stage === undefined ? [] : [stage]
}

function buildGroup(route: RouteConfig, registry: Registry): Group {
  const { targets, balance, tries } = route.to
  const members = targets.map(target => member(route, target, registry))
  return new Group(members, balancers[balance](), tries)
}

/** An upstream's state lives on under its route and name; its sockets under their settings. */
function member(route: RouteConfig, target: Target, registry: Registry): Member {
  const { protocol, host, port, name } = target
  const { connectMs, responseMs, idleMs, tunnelMs } = route.timeout
  const { verify, proxyProtocol } = route.to
  const options = { host, port, connectMs, responseMs, idleMs, tunnelMs, verify }
  // Connections with and without a PROXY header are never in one pool.
  const key = `transport:${route.name}:${protocol}:${proxyProtocol}:${JSON.stringify(options)}`
  return {
    upstream: registry.keep(`upstream:${route.name}:${name}`, () => new Upstream(name)),
    transport: registry.keep<Transport>(key, () =>
      protocol === 'h2c' || protocol === 'h2'
        ? new Http2Transport({ ...options, protocol })
        : new Http1Transport({ ...options, protocol }),
    ),
    forwarded: route.forwarded,
    allowUnderscores: route.allowUnderscores,
    trailers: new Set(route.trailers),
    proxyProtocol,
  }
}

function disabled(route: string): Pipeline {
  const stage: Stage = {
    name: 'route',
    onRequest: x => {
      x.note('route', 'disabled', 0, 0, route)
      x.error = 'proxy_configuration_error'
      return plainReply(x, 503, '')
    },
  }
  return { route, stages: [stage], forward: nowhere }
}

function nowhere(): never {
  throw new Error('this pipeline answers by itself')
}

function sendersTo(config: Config, listener: 'http' | 'https'): Trusts | null {
  const who = config.listen[listener]?.proxyProtocol ?? null
  return who === null ? null : trustsOf(who === 'trusted' ? config.trustedProxies : who)
}

function trustsOf(blocks: readonly string[]): Trusts {
  if (blocks.length === 0) return () => false
  const list = new BlockList()
  for (const block of blocks) {
    const [address, bits] = block.split('/') as [string, string | undefined]
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    if (bits === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(bits), family)
  }
  return address => {
    const plain = plainAddress(address)
    const version = isIP(plain)
    return version !== 0 && list.check(plain, version === 6 ? 'ipv6' : 'ipv4')
  }
}
