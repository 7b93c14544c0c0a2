// The admin server: its own listener for the dashboard, the API and /metrics, apart from all proxied traffic.
import type { ListenAddress } from '../../config/schema.ts'
import type { Log } from '../log.ts'
import type { AdminServices } from './services.ts'

export interface Admin {
  /** The real one where 0 was asked for. */
  port: number
  /** A new one-time login URL, good for ten minutes. */
  link(): string
  /** For `Authorization: Bearer`, random in each start; belongs in a file that only the owner can read. */
  cliToken: string
  /** Ends live streams, lets running answers finish, saves the sessions. */
  close(): Promise<void>
}

export interface AdminOptions {
  address: ListenAddress
  /** The data directory: sessions are kept there over a restart. */
  data: string
  services: AdminServices
  log: Log
}

/** @throws Fault when the address cannot be had */
export async function startAdmin(_options: AdminOptions): Promise<Admin> {
  throw new Error('the admin server is not there yet')
}
