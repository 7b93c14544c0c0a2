// From the file to a checked Config, or to the problems that keep it from being one.
import { readFileSync, statSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { z } from 'zod'
import { type ConfigDocument, readDocument } from './document.ts'
import { toProblems } from './issues.ts'
import { knownKeysAt } from './known-keys.ts'
import { formatProblems, type Problem } from './problems.ts'
import { parseRouteKey } from './route-key.ts'
import { type Config, type ListenAddress, type RouteConfig, schema } from './schema.ts'

const MAX_FILE_BYTES = 1024 ** 2
const MAX_SECRET_BYTES = 64 * 1024
const MAX_ROUTES = 2000

export type LoadOutcome =
  /** `placeOf`: `file:line:column` of a key such as `telemetry.retention`. */
  | { ok: true; config: Config; text: string; placeOf(key: string): string }
  /** `file:line:column message` lines. */
  | { ok: false; problems: string[] }

/** Reads and checks a file. Relative paths in it are relative to its directory. */
export async function load(file: string, env = process.env): Promise<LoadOutcome> {
  let text: string
  try {
    const { size } = await stat(file)
    if (size > MAX_FILE_BYTES)
      return { ok: false, problems: [`${file}:1:1 larger than ${MAX_FILE_BYTES} bytes`] }
    text = await readFile(file, 'utf8')
  } catch (error) {
    return { ok: false, problems: [`${file}:1:1 ${readError(error)}`] }
  }
  return parse(text, file, env)
}

function readError(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'ENOENT') return 'no such file; oriel.example.yaml in config/ is one to copy'
  return `cannot be read: ${code ?? String(error)}`
}

/** Checks a text as if it stood in `file`. */
export function parse(text: string, file: string, env: NodeJS.ProcessEnv = {}): LoadOutcome {
  if (text.length > MAX_FILE_BYTES)
    return { ok: false, problems: [`${file}:1:1 larger than ${MAX_FILE_BYTES} bytes`] }
  const directory = dirname(resolve(file))
  const document = readDocument(text, { env, readFile: path => readSecret(resolve(directory, path)) })
  const problems = [...document.problems]
  if (problems.length > 0) return { ok: false, problems: formatProblems(file, problems) }
  const result = schema.safeParse(document.value ?? {})
  if (!result.success) problems.push(...toProblems(result.error.issues, document, knownKeysAt))
  const routes = readRoutes(document, result.data)
  problems.push(...routes.problems)
  if (result.success) problems.push(...checkListeners(result.data, document))
  if (!result.success || problems.length > 0) return { ok: false, problems: formatProblems(file, problems) }
  const placeOf = (key: string) => {
    const { line, column } = document.locate(key.split('.'), 'key')
    return `${file}:${line}:${column}`
  }
  return { ok: true, config: toConfig(result.data, routes.list, directory), text, placeOf }
}

function readSecret(path: string): string {
  if (statSync(path).size > MAX_SECRET_BYTES) throw new Error(`larger than ${MAX_SECRET_BYTES} bytes`)
  return readFileSync(path, 'utf8')
}

type Parsed = z.output<typeof schema>

/** Keys are checked even when the rest of the file is wrong: all mistakes are told at once. */
function readRoutes(
  document: ConfigDocument,
  parsed: Parsed | undefined,
): { list: RouteConfig[]; problems: Problem[] } {
  const written = (document.value as { routes?: unknown } | null)?.routes
  const names = typeof written === 'object' && written !== null ? Object.keys(written) : []
  const problems: Problem[] = []
  const list: RouteConfig[] = []
  const firstWith = new Map<string, string>()
  const report = (name: string, message: string) =>
    problems.push({ ...document.locate(['routes', name], 'key'), message })
  if (names.length > MAX_ROUTES) report(names[MAX_ROUTES]!, `more than ${MAX_ROUTES} routes`)
  for (const name of names.slice(0, MAX_ROUTES)) {
    const key = parseRouteKey(name)
    if (typeof key === 'string') {
      report(name, key)
      continue
    }
    const identity = `${key.host}${key.path}${key.exact ? '' : '*'}`
    const first = firstWith.get(identity)
    if (first !== undefined) report(name, `the same host and path as route "${first}"`)
    else firstWith.set(identity, name)
    const body = parsed?.routes[name]
    if (body !== undefined && parsed !== undefined)
      list.push({ name, ...key, ...body, forwarded: body.forwarded ?? parsed.forwarded })
  }
  return { list, problems }
}

const overlap = (a: ListenAddress, b: ListenAddress): boolean =>
  a.port !== 0 && a.port === b.port && (a.host === b.host || a.host === '' || b.host === '')

function checkListeners({ listen, admin, trustedProxies }: Parsed, document: ConfigDocument): Problem[] {
  const problems: Problem[] = []
  const report = (path: string[], message: string) =>
    problems.push({ ...document.locate(path, 'value'), message })
  const { http, https } = listen
  if (!http && !https) report(['listen'], 'at least one of http and https')
  if (http && https && overlap(http, https)) report(['listen', 'https'], 'the same address as listen.http')
  if (http && overlap(http, admin)) report(['admin'], 'the same address as listen.http')
  if (https && overlap(https, admin)) report(['admin'], 'the same address as listen.https')
  for (const name of ['http', 'https'] as const)
    if (listen[name]?.proxyProtocol === 'trusted' && trustedProxies.length === 0)
      report(['listen', name, 'proxyProtocol'], 'true means those in trustedProxies, and there are none')
  return problems
}

function toConfig(parsed: Parsed, routes: RouteConfig[], directory: string): Config {
  const { listen, grace, data, certificates, ...rest } = parsed
  return {
    ...rest,
    listen: { http: listen.http ?? null, https: listen.https ?? null },
    graceMs: grace,
    data: resolve(directory, data),
    certificates: certificates.map(it => ({
      certificate: resolve(directory, it.certificate),
      key: resolve(directory, it.key),
    })),
    routes,
  }
}
