// What a wire hands its requests to, and the limits it holds them to.

import type { TlsDetail } from '../../telemetry/record.ts'
import type { Trusts } from '../lib/client-address.ts'
import type { ClientLimits } from '../lib/client-limits.ts'
import type { Body } from '../pipeline/body.ts'
import type { Connection } from '../pipeline/connection.ts'
import type { ClientEnd, Exchange, RequestHead } from '../pipeline/exchange.ts'

/** Why a request is not let in. */
export interface Refusal {
  status: number
  /** A stable word for counters: `cl_te`, `two_hosts` … */
  reason: string
}

/** Whatever is known of a request that was refused before it was one. */
export interface RefusedRequest {
  refusal: Refusal
  connection: Connection
  scheme: 'http' | 'https'
  /** '' where it was not read. */
  protocol?: string
  authority?: string
  /** Where the wire did not read them, the beginning of `bytes` may show them. */
  method?: string
  target?: string
  tls: TlsDetail | null
  /** The beginning of what came, latin1; it goes nowhere before it is escaped. */
  bytes: string
}

export interface Gate {
  readonly limits: ClientLimits
  /** HTTP/2 without TLS is spoken to clients that begin with its preface. */
  readonly h2c: boolean
  /** Who must begin connections to which listener with a PROXY header; null: nobody. */
  readonly proxySenders: { readonly http: Trusts | null; readonly https: Trusts | null }
  /** Take a request in. Its answer comes through `end.send`. */
  accept(head: RequestHead, end: ClientEnd, body: Body | null): Exchange
  /** The wire has answered a malformed request itself: count and record it. */
  refused(request: RefusedRequest): void
  /** A TLS handshake came to nothing. @param reason one of a few words */
  handshakeFailed(reason: string, client: string): void
  /** The exchange is over: stages finish, the record is written. */
  finished(x: Exchange): void
}
