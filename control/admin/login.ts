// Logging in and out: by the one-time link, by a pasted token, and the cookie that follows.
import { serialize } from 'hono/utils/cookie'
import { z } from 'zod'
import { COOKIE, sessionToken } from './auth.ts'
import { Problem } from './problem.ts'
import { type Call, type Route, route } from './route.ts'
import { SESSION_S } from './sessions.ts'

/** The dashboard's login page says with it that the link was used before or is too old. */
const FAILED = '/login?expired=1'

export const LOGIN_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/login',
    summary: 'The login page; with the token of a one-time link, logs in and leads to the dashboard.',
    answers: 'text/html',
    open: true,
    params: z.looseObject({ token: z.string().max(500).optional() }),
    async handle({ params }, call) {
      // HEAD: programs that look at links before people do must not use them up.
      if (params.token === undefined || call.request.method === 'HEAD') return call.page()
      if (!call.auth.accepts(params.token, call.address)) return redirect(FAILED)
      return redirect('/', await newSession(call))
    },
  }),
  route({
    method: 'POST',
    path: '/login',
    summary: 'Logs in with the token of a one-time link, or ORIEL_ADMIN_TOKEN.',
    answers: '',
    open: true,
    params: z.strictObject({}),
    body: z.strictObject({ token: z.string('expected a text').min(1).max(500) }),
    async handle({ body }, call) {
      if (!call.auth.accepts(body.token, call.address)) throw new Problem(401, 'this token is not known')
      return empty(await newSession(call))
    },
  }),
  route({
    method: 'POST',
    path: '/logout',
    summary: 'Ends the session.',
    answers: '',
    params: z.strictObject({}),
    async handle(_, call) {
      await endSession(call)
      return empty(cookie('', 0))
    },
  }),
]

/** Always a new token: one that was set before the login is worth nothing after it. */
async function newSession(call: Call): Promise<string> {
  await endSession(call)
  return cookie(await call.auth.sessions.create(), SESSION_S)
}

async function endSession(call: Call): Promise<void> {
  const token = sessionToken(call.request.headers)
  if (token !== undefined) await call.auth.sessions.end(token)
}

const cookie = (value: string, maxAge: number): string =>
  serialize(COOKIE, value, { httpOnly: true, sameSite: 'Strict', path: '/', maxAge })

const empty = (setCookie: string): Response =>
  new Response(null, { status: 204, headers: { 'set-cookie': setCookie } })

function redirect(location: string, setCookie?: string): Response {
  const headers = new Headers({ location })
  if (setCookie !== undefined) headers.set('set-cookie', setCookie)
  return new Response(null, { status: 303, headers })
}
