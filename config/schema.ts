// The configuration as the program uses it (checked, with defaults, units as numbers) and its schema.

import { availableParallelism } from 'node:os'
import { z } from 'zod'
import type { ClientLimits } from '../proxy/lib/client-limits.ts'
import { FORWARDED_STYLES, type ForwardedStyle } from '../proxy/lib/forwarded-style.ts'
import type { ProxyVersion } from '../proxy/lib/proxy-header.ts'
import { duration, rate, size } from '../proxy/lib/units.ts'
import type { StageModule } from '../proxy/pipeline/stage.ts'
import { stages } from '../proxy/stages/index.ts'
import { blocks } from './cidr.ts'
import { group, plainGroup } from './group.ts'
import { listenAddress } from './listen-address.ts'
import { listener, plainListener } from './listener.ts'
import { targets } from './targets.ts'
import { trailers } from './trailers.ts'

export interface ListenAddress {
  /** '' listens on every address, IPv6 and IPv4. */
  host: string
  port: number
}

export interface ListenerConfig extends ListenAddress {
  /** Addresses and blocks whose connections begin with a PROXY header; `trusted`: trustedProxies; null: none. */
  proxyProtocol: string[] | 'trusted' | null
  /** Takes HTTP/2 without TLS from clients that begin with its preface (RFC 9113 section 3.3). */
  h2c: boolean
}

export interface Target {
  /** `host:port`: the upstream's name everywhere. */
  name: string
  protocol: 'http' | 'https' | 'h2c' | 'h2'
  host: string
  port: number
}

export interface ActiveCheck {
  path: string
  intervalMs: number
  timeoutMs: number
  /** Failures in a row that take an upstream out. */
  fall: number
  /** Successes in a row that bring it back. */
  rise: number
}

export interface GroupConfig {
  targets: Target[]
  balance: 'round-robin' | 'least-requests'
  health: ActiveCheck | null
  /** Verify the upstream's certificate (only for https and h2 targets). */
  verify: boolean
  /** Tries in all, first included; `auto`: a second one where that is likely to end better. */
  tries: number | 'auto'
  /** The PROXY header that opens each connection to an upstream; null: none. */
  proxyProtocol: ProxyVersion | null
}

export interface RouteConfig {
  /** The key in the file. */
  name: string
  /** `app.example.com`, `*.example.com`, or `*` for any. Lower-case. */
  host: string
  /** Path prefix ending in `/`, or an exact path when `exact`. */
  path: string
  exact: boolean
  to: GroupConfig
  timeout: { connectMs: number; responseMs: number; idleMs: number; tunnelMs: number }
  forwarded: ForwardedStyle
  /** Field names with `_` or `.` are passed to the upstreams. */
  allowUnderscores: boolean
  /** Request trailers that are passed to the upstreams, lower-case. */
  trailers: string[]
  /** Parsed configuration of each stage that has a key here, by stage name. */
  stages: Record<string, unknown>
}

export interface Config {
  listen: { http: ListenerConfig | null; https: ListenerConfig | null }
  admin: ListenAddress
  /** Absolute. */
  data: string
  workers: number
  graceMs: number
  /** CIDR blocks and addresses. */
  trustedProxies: string[]
  accessLog: boolean
  client: ClientLimits
  telemetry: {
    /** Raw rows kept in full per second, over all workers. */
    rowsPerSecond: number
    /** Exchanges whose headers are kept, per second, over all workers. */
    headersPerSecond: number
    slowMs: number
    retentionMs: number
    retentionBytes: number
  }
  /** `diskBytes` 0: nothing is kept on disk. */
  cache: { diskBytes: number }
  /** Absolute paths. */
  certificates: { certificate: string; key: string }[]
  routes: RouteConfig[]
}

/** `x-forwarded`, `forwarded` (RFC 7239) or both. */
const forwardedStyle = () => z.enum(FORWARDED_STYLES, 'expected x-forwarded, forwarded or both')

/** A positive whole number. */
const count = (max: number) =>
  z.int(`expected a whole number from 1 to ${max}`).min(1, `at least 1`).max(max, `at most ${max}`)

const timeout = z
  .strictObject({
    connect: duration(z).prefault('3s').describe('Connecting to an upstream, TLS included.'),
    response: duration(z).prefault('60s').describe("Waiting for the head of an upstream's response."),
    idle: duration(z).prefault('60s').describe('Between two pieces of a body.'),
    tunnel: duration(z).prefault('1h').describe('Between two pieces of a WebSocket or event stream.'),
  })
  .transform(it => ({ connectMs: it.connect, responseMs: it.response, idleMs: it.idle, tunnelMs: it.tunnel }))
  .prefault({})
  .describe('How long to wait for the upstreams.')

/** Each stage brings its own key: a new stage is in the file, the JSON schema and the docs at once. */
const stageModules: readonly Pick<StageModule<unknown>, 'name' | 'schema'>[] = stages

const route = z
  .strictObject({
    to: group(),
    timeout,
    forwarded: forwardedStyle().optional().describe('As the setting of the same name for all routes.'),
    allowUnderscores: z
      .boolean('expected true or false')
      .default(false)
      .describe('Pass request fields whose names have an underscore or a dot, which are dropped otherwise.'),
    trailers: trailers(),
    ...Object.fromEntries(stageModules.map(stage => [stage.name, stage.schema(z).optional()])),
  })
  .transform(({ to, timeout, forwarded, allowUnderscores, trailers, ...rest }) => ({
    to,
    timeout,
    forwarded,
    allowUnderscores,
    trailers,
    stages: rest as Record<string, unknown>,
  }))
  .describe('Where requests go, and the policies on their way.')

const bareRoute = targets().transform(list => ({
  to: plainGroup(list),
  timeout: timeout.parse({}),
  forwarded: undefined,
  allowUnderscores: false,
  trailers: [],
  stages: {},
}))

const client = z
  .strictObject({
    head: duration(z).prefault('30s').describe('Time to read a request head.'),
    bodyIdle: duration(z).prefault('60s').describe('Longest pause inside a request body.'),
    bodyRate: size(z).prefault('240b').describe('Slowest request body, per second, after 20 s.'),
    keepAlive: duration(z).prefault('75s').describe('An idle client connection is closed after this.'),
    keepAliveRequests: count(1_000_000).default(1000).describe('Requests on one connection.'),
    maxHead: size(z).prefault('16kb').describe('Request head, all fields together.'),
    maxFields: count(2000).default(200).describe('Header fields in a request.'),
    maxUrl: size(z).prefault('8kb').describe('Request target.'),
    maxStreams: count(1000).default(100).describe('HTTP/2 streams at once on one connection.'),
  })
  .transform(it => ({
    headMs: it.head,
    bodyIdleMs: it.bodyIdle,
    bodyMinBytesPerSecond: it.bodyRate,
    keepAliveMs: it.keepAlive,
    keepAliveRequests: it.keepAliveRequests,
    maxHeadBytes: it.maxHead,
    maxFields: it.maxFields,
    maxUrlBytes: it.maxUrl,
    maxStreams: it.maxStreams,
  }))
  .prefault({})
  .describe('What a client may take in time and size.')

const perSecond = (fallback: string) =>
  rate(z)
    .transform(it => (it.count * 1000) / it.perMs)
    .prefault(fallback)

const telemetry = z
  .strictObject({
    rows: perSecond('500/s').describe(
      'Exchanges kept as full rows; above it only notable ones and a sample.',
    ),
    headers: perSecond('50/s').describe('Exchanges whose headers are kept.'),
    slow: duration(z).prefault('1s').describe('An exchange longer than this is kept as slow.'),
    retention: z
      .strictObject({
        age: duration(z).prefault('7d').describe('Days older than this are deleted.'),
        size: size(z).prefault('2gb').describe('Oldest days are deleted above this size.'),
      })
      .prefault({})
      .describe('How long telemetry stays on disk: whichever limit comes first.'),
  })
  .transform(it => ({
    rowsPerSecond: it.rows,
    headersPerSecond: it.headers,
    slowMs: it.slow,
    retentionMs: it.retention.age,
    retentionBytes: it.retention.size,
  }))
  .prefault({})
  .describe('What is kept of the traffic. Counts are always exact.')

/** A data directory holds more than this. */
const MIN_DISK_BYTES = 16 * 1024 ** 2

const cache = z
  .strictObject({
    disk: z
      .union([
        z.literal(false),
        size(z).refine(it => it >= MIN_DISK_BYTES, 'at least 16mb, or false for none'),
      ])
      .prefault('1gb')
      .describe('What stored responses may take in data/cache.db, shared by all workers; false: none.'),
  })
  .transform(it => ({ diskBytes: it.disk === false ? 0 : it.disk }))
  .prefault({})
  .describe('The cache of all routes together; each route says whether it has one.')

const workers = z
  .union([z.literal('auto'), z.int().min(1).max(64)], { error: 'expected auto or a number from 1 to 64' })
  .default('auto')
  .transform(it => (it === 'auto' ? Math.max(1, Math.min(8, availableParallelism() - 1)) : it))
  .describe('Worker processes; auto: one less than there are cores, at most 8.')

const certificate = z.strictObject({
  certificate: z.string('expected a path').min(1).describe('PEM file, leaf first, then the chain.'),
  key: z.string('expected a path').min(1).describe('PEM file of the private key.'),
})

/** The file as people write it; parsing gives numbers and defaults. Paths and route keys: load.ts. */
export const schema = z.strictObject({
  listen: z
    .strictObject({
      http: plainListener().optional().describe('HTTP/1.1 listener; off when missing.'),
      https: listener().optional().describe('HTTP/1.1 and HTTP/2 over TLS; off when missing.'),
    })
    .prefault({ http: ':80', https: ':443' })
    .describe('Where clients connect.'),
  admin: listenAddress().prefault('127.0.0.1:9900').describe('Dashboard, API and /metrics.'),
  data: z
    .string('expected a path')
    .min(1)
    .default('./data')
    .describe('Directory of telemetry and certificates.'),
  workers,
  grace: duration(z).prefault('10s').describe('Time for running requests when Oriel stops.'),
  trustedProxies: blocks()
    .prefault([])
    .describe('Proxies in front of Oriel whose X-Forwarded and Forwarded fields are believed.'),
  forwarded: forwardedStyle()
    .default('x-forwarded')
    .describe('How upstreams are told who asked: X-Forwarded-For, -Proto and -Host, Forwarded, or both.'),
  accessLog: z
    .boolean('expected true or false')
    .default(false)
    .describe('One JSON line per exchange on stdout.'),
  client,
  telemetry,
  cache,
  certificates: z
    .array(certificate)
    .default([])
    .describe('Certificates from files; the rest comes from a local CA.'),
  routes: z
    .record(z.string(), z.union([bareRoute, route]))
    .describe('Host, host/path/*, host/exact, *.host or /path/*; the most specific wins.'),
})
