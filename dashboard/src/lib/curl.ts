// A recorded exchange as a curl command that can be pasted into a shell.
import type { ExchangeDetail } from '../../../control/admin/contract.ts'

const SKIPPED = new Set([
  'host',
  'connection',
  'content-length',
  'accept-encoding',
  'traceparent',
  'tracestate',
])
const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`

export function toCurl(exchange: ExchangeDetail): string {
  const query = exchange.query === '' ? '' : `?${exchange.query}`
  const parts = ['curl -i', quote(`${exchange.scheme}://${exchange.host}${exchange.path}${query}`)]
  if (exchange.method !== 'GET') parts.splice(1, 0, `-X ${exchange.method}`)
  const headers = exchange.requestHeaders ?? []
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i]!
    if (SKIPPED.has(name) || name.startsWith(':')) continue
    parts.push(`-H ${quote(`${name}: ${headers[i + 1]}`)}`)
  }
  return parts.join(' \\\n  ')
}
