// The configuration as the program uses it: checked, with defaults, units as numbers.

export interface ListenAddress {
  /** '' listens on every address, IPv6 and IPv4. */
  host: string
  port: number
}

export interface Target {
  /** `host:port`: the upstream's name everywhere. */
  name: string
  protocol: 'http' | 'https' | 'h2c'
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
  /** Verify the upstream's certificate (only for https targets). */
  verify: boolean
  /** Tries in all, first included. */
  tries: number
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
  /** Parsed configuration of each stage that has a key here, by stage name. */
  stages: Record<string, unknown>
}

export interface Config {
  listen: { http: ListenAddress | null; https: ListenAddress | null }
  admin: ListenAddress
  /** Absolute. */
  data: string
  workers: number
  graceMs: number
  /** CIDR blocks and addresses. */
  trustedProxies: string[]
  accessLog: boolean
  client: {
    headMs: number
    bodyIdleMs: number
    bodyMinBytesPerSecond: number
    keepAliveMs: number
    keepAliveRequests: number
    maxHeadBytes: number
    maxFields: number
    maxUrlBytes: number
    maxStreams: number
  }
  telemetry: {
    /** Raw rows kept in full per second, over all workers. */
    rowsPerSecond: number
    /** Exchanges whose headers are kept, per second, over all workers. */
    headersPerSecond: number
    slowMs: number
    retentionMs: number
    retentionBytes: number
  }
  /** Absolute paths. */
  certificates: { certificate: string; key: string }[]
  routes: RouteConfig[]
}
