// A transport's failures in RFC 9209's words.
import type { ErrorType } from '../../../telemetry/record.ts'
import { ProxyError } from '../../pipeline/errors.ts'

/** What a connection is said to have died of when it just ended. */
export const CLOSED = 'ERR_UPSTREAM_CLOSED'

/** Codes of node → type and sentence; `unsent`: the connection never stood. */
const CODES: Record<string, { type: ErrorType; text: string; unsent?: boolean }> = {
  ECONNREFUSED: { type: 'connection_refused', text: 'connection refused', unsent: true },
  ETIMEDOUT: { type: 'connection_timeout', text: 'connection timed out' },
  EHOSTUNREACH: { type: 'destination_unavailable', text: 'host unreachable', unsent: true },
  ENETUNREACH: { type: 'destination_unavailable', text: 'network unreachable', unsent: true },
  ENOTFOUND: { type: 'dns_error', text: 'name does not resolve', unsent: true },
  EAI_AGAIN: { type: 'dns_timeout', text: 'name server did not answer', unsent: true },
  ECONNRESET: { type: 'connection_terminated', text: 'connection reset' },
  EPIPE: { type: 'connection_terminated', text: 'connection closed' },
  [CLOSED]: { type: 'connection_terminated', text: 'connection closed before the reply' },
}

/** Where the error happened, for the sentence. */
interface Where {
  host: string
  port: number
}

/**
 * @param attempt connectedUs < 0: nothing was sent
 * @param begun something of a reply had come
 */
export function asTransportError(
  error: Error,
  out: { attempt: { connectedUs: number } },
  where: Where,
  begun = false,
): ProxyError {
  const cause = error.cause instanceof ProxyError ? error.cause : error
  if (cause instanceof ProxyError) return cause
  const code = (error as NodeJS.ErrnoException).code ?? ''
  const known = CODES[code]
  const place = `${where.host}:${where.port}`
  if (known !== undefined) {
    const unsent = known.unsent ?? out.attempt.connectedUs < 0
    return new ProxyError(known.type, `${known.text} (${place})`, { unsent, begun, cause: error })
  }
  if (/CERT|SELF_SIGNED|ALTNAME|UNABLE_TO/.test(code)) {
    return new ProxyError('tls_certificate_error', `certificate not accepted: ${code} (${place})`, {
      unsent: true,
      cause: error,
    })
  }
  if (/SSL|TLS/.test(code)) {
    return new ProxyError('tls_protocol_error', `TLS failed: ${code} (${place})`, {
      unsent: true,
      cause: error,
    })
  }
  return new ProxyError('http_protocol_error', `${error.message} (${place})`, { cause: error })
}

/** The reply broke off in its body. */
export function incompleteError(error: Error): ProxyError {
  return new ProxyError('http_response_incomplete', `the reply broke off: ${error.message}`, { cause: error })
}
