// One exchange as OpenTelemetry spans: a SERVER span, an INTERNAL one per decision, a CLIENT one per attempt.
import { createHash } from 'node:crypto'
import type { ExchangeRow, Span } from '../../control/admin/contract.ts'
import { grpcStatus } from '../grpc-status.ts'
import { outcomeOf } from '../outcome.ts'
import { decide } from '../reasons.ts'
import type { Attempt, Verdict } from '../record.ts'
import type { StoredDetail } from '../store/detail.ts'

type Attributes = Span['attributes']

/** Times are microseconds since the Unix epoch. Names and rules: OpenTelemetry semantic conventions, HTTP spans. */
export function spansOf(row: ExchangeRow, detail: StoredDetail): Span[] {
  const startUs = Math.round(row.at * 1000)
  const method = row.method === '_OTHER' ? 'HTTP' : row.method
  const server: Span = {
    spanId: row.spanId,
    parentId: detail.parentId,
    name: `${method} ${row.route}`,
    kind: 'server',
    startUs,
    durationUs: row.durationUs,
    // 4xx is the client's doing and unset on the server's side.
    status: outcomeOf(row.status, row.error) === 'server' ? 'error' : 'unset',
    attributes: serverAttributes(row, detail),
  }
  const decisions = detail.verdicts.map((verdict, i) => internalSpan(row, verdict, startUs, i))
  const attempts = detail.attempts.map((attempt, i) => clientSpan(row, attempt, startUs, i))
  return [server, ...decisions, ...attempts]
}

function serverAttributes(row: ExchangeRow, detail: StoredDetail): Attributes {
  const [address, port] = splitPort(row.host)
  const attributes: Attributes = {
    'http.request.method': row.method,
    'http.route': row.route,
    'url.path': row.path,
    'url.scheme': row.scheme,
    'server.address': address,
    'client.address': row.client,
    'network.protocol.version': row.protocol,
    'http.request.body.size': row.inBytes,
    'http.response.body.size': row.outBytes,
  }
  if (port !== undefined) attributes['server.port'] = port
  if (row.query !== '') attributes['url.query'] = row.query
  if (row.status > 0) attributes['http.response.status_code'] = row.status
  if (row.userAgent !== '') attributes['user_agent.original'] = row.userAgent
  if (row.cache !== 'none') attributes['oriel.cache.status'] = row.cache
  Object.assign(attributes, errorAttribute(row.status, row.error, 500))
  const grpc = grpcStatus(detail.grpcStatus)
  if (grpc !== null) attributes['rpc.response.status_code'] = grpc.name
  if (detail.tls !== null) {
    attributes['tls.protocol.version'] = detail.tls.version
    attributes['tls.cipher'] = detail.tls.cipher
    attributes['tls.resumed'] = detail.tls.resumed
    attributes['tls.client.server_name'] = detail.tls.serverName
  }
  return attributes
}

function internalSpan(row: ExchangeRow, verdict: Verdict, startUs: number, i: number): Span {
  return {
    spanId: derivedId(row.spanId, `stage ${i}`),
    parentId: row.spanId,
    name: verdict.stage,
    kind: 'internal',
    startUs: startUs + Math.round(verdict.atUs),
    durationUs: Math.round(verdict.tookUs),
    status: 'unset',
    attributes: {
      'oriel.stage': verdict.stage,
      'oriel.reason': verdict.reason,
      'oriel.decision': decide(verdict).sentence,
    },
  }
}

function clientSpan(row: ExchangeRow, attempt: Attempt, startUs: number, i: number): Span {
  const [address, port] = splitPort(attempt.upstream)
  const attributes: Attributes = {
    'http.request.method': row.method,
    'server.address': address,
    'oriel.upstream.pick_reason': attempt.picked,
    'oriel.upstream.connection_reused': attempt.reused,
    ...errorAttribute(attempt.status, attempt.error, 400),
  }
  if (port !== undefined) attributes['server.port'] = port
  if (attempt.status > 0) attributes['http.response.status_code'] = attempt.status
  if (i > 0) attributes['http.request.resend_count'] = i
  return {
    spanId: derivedId(row.spanId, `attempt ${i}`),
    parentId: row.spanId,
    name: row.method === '_OTHER' ? 'HTTP' : row.method,
    kind: 'client',
    startUs: startUs + Math.round(attempt.startUs),
    // −1: under way when the exchange ended.
    durationUs: Math.max(
      0,
      Math.round((attempt.endUs < 0 ? row.durationUs : attempt.endUs) - attempt.startUs),
    ),
    status: attempt.error !== '' || attempt.status >= 400 ? 'error' : 'unset',
    attributes,
  }
}

/** `error.type`: the known word, else the status code; absent on success. */
function errorAttribute(status: number, error: string, failsFrom: number): Attributes {
  if (error !== '') return { 'error.type': error }
  return status >= failsFrom ? { 'error.type': String(status) } : {}
}

function splitPort(authority: string): [address: string, port: number | undefined] {
  const match = /^(.*):(\d+)$/.exec(authority)
  return match ? [match[1]!, Number(match[2])] : [authority, undefined]
}

/** The same every time it is read, and unlike any other. */
function derivedId(spanId: string, part: string): string {
  return createHash('sha256').update(`${spanId} ${part}`).digest('hex').slice(0, 16)
}
