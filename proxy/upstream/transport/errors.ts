// A transport's failures in RFC 9209's words.
import type { ErrorType } from '../../../telemetry/record.ts'
import { ProxyError } from '../../pipeline/errors.ts'

/** Codes of node and undici → type and sentence; `unsent`: the connection never stood. */
const CODES: Record<string, { type: ErrorType; text: string; unsent?: boolean }> = {
  ECONNREFUSED: { type: 'connection_refused', text: 'connection refused', unsent: true },
  UND_ERR_CONNECT_TIMEOUT: { type: 'connection_timeout', text: 'connect timed out', unsent: true },
  ETIMEDOUT: { type: 'connection_timeout', text: 'connection timed out' },
  EHOSTUNREACH: { type: 'destination_unavailable', text: 'host unreachable', unsent: true },
  ENETUNREACH: { type: 'destination_unavailable', text: 'network unreachable', unsent: true },
  ENOTFOUND: { type: 'dns_error', text: 'name does not resolve', unsent: true },
  EAI_AGAIN: { type: 'dns_timeout', text: 'name server did not answer', unsent: true },
  ECONNRESET: { type: 'connection_terminated', text: 'connection reset' },
  EPIPE: { type: 'connection_terminated', text: 'connection closed' },
  UND_ERR_SOCKET: { type: 'connection_terminated', text: 'connection closed before the reply' },
  UND_ERR_CLOSED: { type: 'connection_terminated', text: 'connection closed', unsent: true },
  UND_ERR_DESTROYED: { type: 'connection_terminated', text: 'connection closed', unsent: true },
  UND_ERR_HEADERS_TIMEOUT: { type: 'http_response_timeout', text: 'no reply head in time' },
  UND_ERR_BODY_TIMEOUT: { type: 'connection_read_timeout', text: 'the reply stalled' },
  UND_ERR_HEADERS_OVERFLOW: { type: 'http_response_header_section_size', text: 'reply head over 64 KiB' },
  UND_ERR_NOT_SUPPORTED: { type: 'proxy_internal_error', text: 'request not supported' },
  UND_ERR_INVALID_ARG: { type: 'http_request_error', text: 'request refused by the transport' },
  UND_ERR_REQ_CONTENT_LENGTH_MISMATCH: {
    type: 'http_request_error',
    text: 'body length differs from Content-Length',
  },
}

/** Where the error happened, for the sentence. */
interface Where {
  host: string
  port: number
}

/** @param attempt connectedUs < 0: nothing was sent */
export function asTransportError(
  error: Error,
  out: { attempt: { connectedUs: number } },
  where: Where,
): ProxyError {
  const cause = error.cause instanceof ProxyError ? error.cause : error
  if (cause instanceof ProxyError) return cause
  const code = (error as NodeJS.ErrnoException).code ?? ''
  const known = CODES[code]
  const place = `${where.host}:${where.port}`
  if (known !== undefined) {
    const unsent = known.unsent ?? out.attempt.connectedUs < 0
    return new ProxyError(known.type, `${known.text} (${place})`, { unsent, cause: error })
  }
  if (code.startsWith('HPE_')) {
    return new ProxyError('http_protocol_error', `invalid reply: ${code.slice(4).toLowerCase()} (${place})`, {
      cause: error,
    })
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
  const code = (error as NodeJS.ErrnoException).code ?? ''
  const type = code === 'UND_ERR_BODY_TIMEOUT' ? 'connection_read_timeout' : 'http_response_incomplete'
  return new ProxyError(type, `the reply broke off: ${error.message}`, { cause: error })
}
