// What one route of the admin server is: its place, its parameters and what answers it.
import { z } from 'zod'
import type { Access, Auth } from './auth.ts'
import type { LiveClients } from './live.ts'
import { Problem } from './problem.ts'
import type { PurgeSignatures } from './purge-signatures.ts'
import { readJson } from './read-json.ts'
import type { AdminServices } from './services.ts'

/** What a handler may use. */
export interface Call {
  services: AdminServices
  auth: Auth
  live: LiveClients
  signatures: PurgeSignatures
  request: Request
  /** Of the socket's other end. */
  address: string
  /** Undefined only on open routes. */
  access: Access | undefined
  /** A new one-time login URL. */
  link(): string
  /** The dashboard's page. */
  page(): Promise<Response>
  /** Ends the connection without ado. */
  cut(): void
}

interface Spec<P extends z.ZodObject, B extends z.ZodType> {
  method: 'GET' | 'POST'
  /** Hono's form: `/api/v1/exchanges/:id`. */
  path: string
  summary: string
  /** The type in contract.ts, or a media type. */
  answers: string
  /** Answered without a session. */
  open?: true
  /** Of path and query together. */
  params: P
  body?: B
  /** A Response goes out as it is, everything else as JSON. */
  handle(input: { params: z.output<P>; body: z.output<B> }, call: Call): unknown
}

export interface Route extends Omit<Spec<z.ZodObject, z.ZodType>, 'handle'> {
  answer(call: Call, pathParams: Record<string, string>): Promise<Response>
}

/** @throws Problem 400 naming the parameter, from `answer` */
export function route<P extends z.ZodObject, B extends z.ZodType = z.ZodUndefined>(spec: Spec<P, B>): Route {
  const { handle, ...rest } = spec
  return {
    ...rest,
    async answer(call, pathParams) {
      const params = parsed(spec.params, paramsOf(call.request, pathParams, spec.params), '')
      const body = parsed(spec.body ?? z.undefined(), spec.body && (await readJson(call.request)), 'body')
      const answer = await handle({ params, body: body as z.output<B> }, call)
      return answer instanceof Response ? answer : Response.json(answer)
    },
  }
}

/** Each name once and none that is unknown: a typing error must not widen a question. */
function paramsOf(request: Request, pathParams: Record<string, string>, schema: z.ZodObject): unknown {
  const given = new Map(Object.entries(pathParams))
  const tolerant = schema.def.catchall?._zod.def.type === 'unknown'
  for (const [name, value] of new URL(request.url).searchParams) {
    const shown = name.slice(0, 50)
    if (given.has(name)) throw new Problem(400, `${shown}: given more than once`)
    if (Object.hasOwn(schema.shape, name)) given.set(name, value)
    else if (!tolerant) throw new Problem(400, `${shown}: there is no such parameter here`)
  }
  return Object.fromEntries(given)
}

function parsed<S extends z.ZodType>(schema: S, value: unknown, whole: string): z.output<S> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const issue = result.error.issues[0]!
  const name = [...(whole === '' ? [] : [whole]), ...issue.path].join('.')
  throw new Problem(400, `${name}: ${issue.message}`)
}
