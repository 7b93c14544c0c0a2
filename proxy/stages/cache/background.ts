// An exchange without a client, to revalidate behind a stale answer (RFC 5861 section 3): counted as nobody's.
import type { Headers } from '../../lib/headers.ts'
import { type ClientEnd, Exchange } from '../../pipeline/exchange.ts'

/** A client that wants nothing. */
const NOBODY: ClientEnd = { send: (_x, reply) => reply.discard(), interim: () => {} }

/** The same request in the same trace; what comes of it is told to nobody. */
export function detached(x: Exchange, headers: Headers, query: string): Exchange {
  const copy = new Exchange(
    {
      method: 'GET',
      target: x.target,
      scheme: x.scheme,
      protocol: x.protocol,
      authority: x.authority,
      headers,
      upgrade: '',
      expectsContinue: false,
      connection: x.connection,
      tls: x.tls,
      place: null,
    },
    NOBODY,
  )
  copy.host = x.host
  copy.path = x.path
  copy.query = query
  copy.client = x.client
  copy.trusted = x.trusted
  copy.pipeline = x.pipeline
  copy.traceId = x.traceId
  copy.spanId = x.spanId
  copy.parentId = x.parentId
  copy.traceFlags = x.traceFlags
  copy.traceState = x.traceState
  copy.requestId = x.requestId
  return copy
}
