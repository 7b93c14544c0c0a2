// Why a TLS handshake failed, in a handful of words that a counter can bear.

/** Client's alerts come as ERR_SSL_…_ALERT_…; the rest is what our side found. */
const REASONS: readonly [pattern: RegExp, reason: string][] = [
  [/^ERR_SSL_HTTP_REQUEST$/, 'plain_http'],
  [/^ERR_TLS_HANDSHAKE_TIMEOUT$/, 'timeout'],
  [/_ALERT_/, 'client_alert'],
  [/NO_SHARED_CIPHER|NO_SUITABLE_|NO_SHARED_GROUP|NO_SHARED_SIGNATURE/, 'nothing_shared'],
  [/UNSUPPORTED_PROTOCOL|VERSION_TOO_LOW|INAPPROPRIATE_FALLBACK/, 'old_version'],
  [/NO_APPLICATION_PROTOCOL/, 'no_protocol_shared'],
  [/^(?:ECONNRESET|EPIPE|ECONNABORTED)$/, 'closed'],
  [/^ERR_SSL_/, 'not_tls'],
]

/** @param code of the error that 'tlsClientError' brings */
export function handshakeFault(code: string): string {
  return REASONS.find(([pattern]) => pattern.test(code))?.[1] ?? 'other'
}
