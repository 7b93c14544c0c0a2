// The admin server: its own listener for the dashboard, the API and /metrics, apart from all proxied traffic.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import type { ListenAddress } from '../../config/schema.ts'
import type { Log } from '../log.ts'
import { refusal } from '../sockets.ts'
import { createApp, type Env } from './app.ts'
import { Auth } from './auth.ts'
import { LiveClients } from './live.ts'
import { PurgeSignatures } from './purge-signatures.ts'
import { addSecurityHeaders } from './security-headers.ts'
import type { AdminServices } from './services.ts'
import { Sessions } from './sessions.ts'
import { Static } from './static.ts'

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
  /** The built dashboard; default: where a build puts it. */
  dashboard?: string
}

const LIMITS = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 30_000,
  connectionsCheckingInterval: 5000,
  maxHeaderSize: 16 * 1024,
}
const MAX_CONNECTIONS = 512
/** Running answers may take this long when the server closes. */
const CLOSE_MS = 2000

/** @throws Fault when the address cannot be had, or ORIEL_ADMIN_TOKEN is too short */
export async function startAdmin({ address, data, services, log, dashboard }: AdminOptions): Promise<Admin> {
  const auth = new Auth(new Sessions(data, log), process.env.ORIEL_ADMIN_TOKEN)
  await auth.sessions.load()
  const live = new LiveClients(services)
  const signatures = new PurgeSignatures(data)
  const files = new Static(dashboard)
  const link = (): string => `${origin(address.host, port)}/login?token=${auth.links.create()}`
  const app = createApp({ host: address.host, services, auth, live, signatures, files, log, link })
  const server = createServer(LIMITS, getRequestListener(fetchOf(app), LISTENER))
  server.maxConnections = MAX_CONNECTIONS
  const close = async (): Promise<void> => {
    live.close()
    signatures.close()
    await closed(server)
    await auth.close()
  }
  const port = await listen(server, address).catch(async error => {
    await close()
    throw error
  })
  return { port, link, cliToken: auth.cliToken, close }
}

/** What is refused before the app sees it: a Host that is no host, a target that is no URL. */
const LISTENER = {
  overrideGlobalObjects: false,
  errorHandler: () => {
    const response = new Response(null, { status: 400 })
    addSecurityHeaders(response.headers)
    return response
  },
}

type Fetch = Parameters<typeof getRequestListener>[0]
const fetchOf =
  (app: ReturnType<typeof createApp>): Fetch =>
  (request, bindings) =>
    app.fetch(request, bindings as Env['Bindings'])

function listen(server: Server, address: ListenAddress): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', error =>
      reject(refusal('admin', address, (error as NodeJS.ErrnoException).code ?? error.message)),
    )
    const host = address.host === '' ? {} : { host: address.host }
    server.listen({ port: address.port, ...host }, () => resolve((server.address() as AddressInfo).port))
  })
}

/** An address that a browser on this machine can open. */
function origin(host: string, port: number): string {
  if (host === '' || host === '0.0.0.0' || host === '::') return `http://localhost:${port}`
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

function closed(server: Server): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(() => server.closeAllConnections(), CLOSE_MS)
    server.close(() => {
      clearTimeout(timer)
      resolve()
    })
    server.closeIdleConnections()
  })
}
