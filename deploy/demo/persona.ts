// One synthetic visitor: its user agent, cookies, remembered ETags and keep-alive connections.
import { Agent, type IncomingMessage, request } from 'node:http'
import type { Step } from './itinerary.ts'

export interface PersonaOptions {
  url: URL
  host: string
  signal: AbortSignal
  userAgent: string
  /** The last number of the 127.0.0.x address that it calls from, where the system allows that. */
  addressEnd: number
  maxSockets?: number
}

export interface Persona {
  /** Resolves with the status, or 0 when no answer came; never rejects. */
  visit(step: Step): Promise<number>
  close(): void
}

const answerTimeoutMs = 15_000
const maxRemembered = 100

/** Linux answers on all of 127.0.0.0/8, so each visitor can be a client of its own. */
function ownAddress({ url, addressEnd }: PersonaOptions): { localAddress?: string } {
  const possible = process.platform === 'linux' && url.hostname.startsWith('127.')
  return possible ? { localAddress: `127.0.0.${addressEnd}` } : {}
}

export function createPersona(options: PersonaOptions): Persona {
  const agent = new Agent({ keepAlive: true, maxSockets: options.maxSockets ?? 6 })
  const tags = new Map<string, string>()
  let cookie: string | undefined

  const headersFor = ({ method, path, form }: Step) => ({
    host: options.host,
    'user-agent': options.userAgent,
    accept: '*/*',
    'accept-encoding': 'gzip, br',
    ...(cookie ? { cookie } : {}),
    ...(method === 'GET' && tags.has(path) ? { 'if-none-match': tags.get(path)! } : {}),
    ...(form === undefined
      ? {}
      : { 'content-type': 'application/x-www-form-urlencoded', 'content-length': Buffer.byteLength(form) }),
  })

  const remember = (path: string, res: IncomingMessage) => {
    const setCookie = res.headers['set-cookie']?.[0]
    if (setCookie !== undefined) cookie = setCookie.split(';')[0]
    if (res.statusCode !== 200 || res.headers.etag === undefined) return
    if (tags.size >= maxRemembered) tags.clear()
    tags.set(path, res.headers.etag)
  }

  const visit = (step: Step) =>
    new Promise<number>(resolve => {
      const req = request({
        agent,
        hostname: options.url.hostname.replace(/^\[|\]$/g, ''),
        port: options.url.port,
        method: step.method,
        path: step.path,
        headers: headersFor(step),
        signal: options.signal,
        timeout: answerTimeoutMs,
        ...ownAddress(options),
      })
      req.on('timeout', () => req.destroy())
      req.on('error', () => resolve(0))
      req.on('response', res => {
        remember(step.path, res)
        res.resume()
        res.on('close', () => resolve(res.complete ? (res.statusCode ?? 0) : 0))
        res.on('error', () => resolve(0))
      })
      req.end(step.form)
    })

  return { visit, close: () => agent.destroy() }
}
