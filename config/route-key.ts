// Reads a key of `routes`: host, host/path/*, host/exact, *.host, /path/*.
import { domainToASCII } from 'node:url'
import { bracketedIp } from '../proxy/lib/ip-address.ts'
import { readTarget } from '../proxy/lib/path.ts'

export interface RouteKey {
  /** Lower-case, ASCII, IPv6 in its canonical form; `*` for any. */
  host: string
  /** Ends in `/` unless exact. */
  path: string
  exact: boolean
}

const LABELS = /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*$/

/** @returns what is wrong with it, as a string */
export function parseRouteKey(key: string): RouteKey | string {
  if (key.includes('://')) return 'a route has no scheme: write the host alone'
  const slash = key.indexOf('/')
  const host = parseHost(slash < 0 ? key : key.slice(0, slash), slash === 0)
  if (host === undefined) return `"${key}" is no host; write app.example.com, "*.example.com" or /path/*`
  if (/:\d+$/.test(host)) return 'a route has no port: it serves the host on every listener'
  return parsePath(host, slash < 0 ? '/*' : key.slice(slash))
}

function parseHost(text: string, missing: boolean): string | undefined {
  if (missing || text === '*') return '*'
  if (/:\d+$/.test(text) && !text.endsWith(']')) return text
  if (/^\[.+\]$/.test(text)) return bracketedIp(text)
  const wild = text.startsWith('*.')
  const name = domainToASCII((wild ? text.slice(2) : text).replace(/\.$/, ''))
  if (!LABELS.test(name)) return undefined
  return wild ? `*.${name}` : name
}

function parsePath(host: string, text: string): RouteKey | string {
  const exact = !text.endsWith('/*')
  const path = exact ? text : text.slice(0, -1)
  if (path.includes('*')) return 'a * in a path stands at the end, after a slash: /api/*'
  const reading = readTarget(path)
  if ('refusal' in reading) return reading.refusal
  // Requests are matched in normal form: a key in another form would never match.
  if (reading.path !== path) return `write the path in its normal form: ${reading.path}${exact ? '' : '*'}`
  return { host, path, exact }
}
