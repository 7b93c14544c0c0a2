// The way of a request through the admin server: host, origin, files and open routes, session, all other routes.
import type { HttpBindings } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import type { Log } from '../log.ts'
import { Attempts } from './attempts.ts'
import type { Access, Auth } from './auth.ts'
import { PURGE_PATH } from './cache-routes.ts'
import { isKnownHost } from './host-check.ts'
import type { LiveClients } from './live.ts'
import { foreignOrigin } from './origin-check.ts'
import { Problem, problemOf, problemResponse } from './problem.ts'
import type { PurgeSignatures } from './purge-signatures.ts'
import type { Call, Route } from './route.ts'
import { ROUTES } from './routes.ts'
import { addSecurityHeaders } from './security-headers.ts'
import type { AdminServices } from './services.ts'
import type { Static } from './static.ts'

export interface AppParts {
  /** The listener's host, '' for all. */
  host: string
  services: AdminServices
  auth: Auth
  live: LiveClients
  signatures: PurgeSignatures
  files: Static
  log: Log
  link(): string
}

export interface Env {
  Bindings: HttpBindings
  Variables: { access: Access }
}

/** Lines per minute and address about refused requests: a stranger must not fill the log. */
const REFUSALS_LOGGED = 10
/** It is read before it is known who sends it. */
const MAX_SIGNED_BYTES = 64 * 1024

/**
 * The order is the protection. Up to the session check only the dashboard's files and the routes marked
 * `open` answer; whatever is added below it is closed to strangers without anybody thinking of it.
 */
export function createApp(parts: AppParts): Hono<Env> {
  const { auth, files } = parts
  const app = new Hono<Env>()
  app.use(async (c, next) => {
    await next()
    addSecurityHeaders(c.res.headers)
  })
  app.use(async (c, next) => {
    if (!isKnownHost(c.req.header('host'), parts.host))
      throw new Problem(421, 'this server does not answer under that name')
    const foreign = foreignOrigin(c.req.method, name => c.req.header(name))
    if (foreign !== '') throw new Problem(403, foreign)
    await next()
  })
  addRoutes(
    app,
    parts,
    ROUTES.filter(route => route.open),
  )
  app.use(async (c, next) => (await files.find(c.req.raw, c.req.path)) ?? next())
  app.use(async (c, next) => {
    const access = (await signedPurge(c, parts)) ?? auth.access(c.req.raw.headers, addressOf(c))
    if (access === undefined) throw new Problem(401, 'log in first')
    c.set('access', access)
    await next()
  })
  addRoutes(
    app,
    parts,
    ROUTES.filter(route => !route.open),
  )
  app.notFound(() => problemResponse(new Problem(404, 'there is nothing here')))
  app.onError(answerError(parts.log))
  return app
}

function addRoutes(app: Hono<Env>, parts: AppParts, routes: readonly Route[]): void {
  for (const route of routes)
    app.on(route.method, route.path, c => route.answer(callOf(c, parts), c.req.param()))
}

/** A purge that an application has signed needs no login; its signature opens nothing else. */
async function signedPurge(c: Context<Env>, { signatures }: AppParts): Promise<Access | undefined> {
  const authorization = c.req.raw.headers.get('authorization')
  if (!signatures.claims(authorization)) return undefined
  if (c.req.method !== 'POST' || c.req.path !== PURGE_PATH)
    throw new Problem(403, 'a signature is for purging alone')
  const length = Number(c.req.header('content-length') ?? Number.NaN)
  if (!(length <= MAX_SIGNED_BYTES))
    throw new Problem(413, `a signed body may have ${MAX_SIGNED_BYTES} bytes`)
  signatures.check(authorization, await c.req.raw.clone().text(), Date.now())
  return { by: 'signature', valid: () => true }
}

function callOf(c: Context<Env>, { services, auth, live, signatures, files, link }: AppParts): Call {
  const request = c.req.raw
  return {
    services,
    auth,
    live,
    signatures,
    link,
    request,
    address: addressOf(c),
    access: c.get('access'),
    page: () => files.page(request),
    cut: () => c.env.outgoing.destroy(),
  }
}

const addressOf = (c: Context<Env>): string => c.env.incoming.socket.remoteAddress ?? ''

function answerError(log: Log) {
  const logged = new Attempts(REFUSALS_LOGGED)
  return (error: Error, c: Context<Env>): Response => {
    const problem = problemOf(error)
    const { method, path } = c.req
    if (problem === undefined) {
      log.error({ err: error, method, path }, 'the admin API failed')
      return problemResponse(new Problem(500, 'something went wrong inside Oriel; its log says what'))
    }
    const refused = [401, 403, 421, 429].includes(problem.status)
    if (refused && logged.count(addressOf(c)))
      log.warn({ status: problem.status, method, path, client: addressOf(c) }, `refused: ${problem.message}`)
    return problemResponse(problem)
  }
}
