// What would happen to a request, and why: the stages of the real path, driven dry.
import type { Entry } from './entry.ts'
import { Headers } from './lib/headers.ts'
import type { DryRequest, DryResult } from './messages.ts'
import { NO_CONNECTION } from './pipeline/connection.ts'

/** @throws TypeError when the URL is not absolute http or https */
export async function explain(entry: Entry, request: DryRequest): Promise<DryResult> {
  const url = new URL(request.url)
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new TypeError('the URL must be http or https')
  const origin = request.url.indexOf('/', request.url.indexOf('//') + 2)
  const target = origin < 0 ? `/${url.search}` : request.url.slice(origin).split('#', 1)[0]!
  const headers = Headers.from(request.headers.flat())
  const x = await entry.dryRun({
    method: request.method.toUpperCase(),
    target,
    scheme: url.protocol === 'https:' ? 'https' : 'http',
    protocol: '1.1',
    authority: headers.get('host') ?? url.host,
    headers,
    upgrade: headers.get('upgrade')?.toLowerCase() === 'websocket' ? 'websocket' : '',
    expectsContinue: false,
    connection: { ...NO_CONNECTION, peer: request.from },
    tls: null,
    place: null,
  })
  const picked = x.notes.findLast(note => note.stage === 'forward' && note.reason === 'picked')
  return {
    route: x.pipeline?.route ?? '',
    notes: x.notes,
    status: x.status,
    answeredBy: x.answeredBy,
    upstream: picked?.text.split(' ', 1)[0] ?? '',
    error: x.error,
  }
}
