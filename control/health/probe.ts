// Asks an upstream once whether it is well.
import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { ActiveCheck, Target } from '../../config/schema.ts'

/** @returns what is wrong in a few words, '' when it is well. Never rejects. */
export function probe(target: Target, check: ActiveCheck, verify: boolean): Promise<string> {
  return new Promise(resolve => {
    const request = target.protocol === 'https' ? requestHttps : requestHttp
    const options = {
      host: target.host,
      port: target.port,
      path: check.path,
      // A probe must tell of new connections too, so it never reuses one.
      agent: false as const,
      headers: { host: target.name, 'user-agent': 'oriel-health', connection: 'close' },
      rejectUnauthorized: verify,
      signal: AbortSignal.timeout(check.timeoutMs),
    }
    const sent = request(options, response => {
      const status = response.statusCode ?? 0
      response.destroy()
      resolve(status >= 200 && status < 400 ? '' : `answered ${status}`)
    })
    sent.on('error', error => resolve(reasonOf(error, check.timeoutMs)))
    sent.end()
  })
}

function reasonOf(error: NodeJS.ErrnoException, timeoutMs: number): string {
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return `no answer within ${timeoutMs} ms`
  if (error.code === 'ECONNREFUSED') return 'refused the connection'
  return error.code ?? error.message
}
