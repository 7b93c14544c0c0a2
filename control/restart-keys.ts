// Which changes a running Oriel cannot take over: sockets, processes and databases stay as they are.
import { isDeepStrictEqual } from 'node:util'
import type { Config, ListenAddress } from '../config/schema.ts'

/** Key in the file → its part of the configuration. */
const FIXED: Record<string, (config: Config) => unknown> = {
  listen: ({ listen }) => [addressOf(listen.http), addressOf(listen.https)],
  admin: config => config.admin,
  data: config => config.data,
  workers: config => config.workers,
  'cache.disk': config => config.cache.diskBytes,
  'telemetry.retention': ({ telemetry }) => [telemetry.retentionMs, telemetry.retentionBytes],
}

/** Who begins connections with a PROXY header may change while running; where the listener binds may not. */
const addressOf = (address: ListenAddress | null): unknown =>
  address === null ? null : [address.host, address.port]

/** The keys that differ and need a restart. */
export function restartKeys(running: Config, wanted: Config): string[] {
  return Object.keys(FIXED).filter(key => !isDeepStrictEqual(FIXED[key]!(running), FIXED[key]!(wanted)))
}
