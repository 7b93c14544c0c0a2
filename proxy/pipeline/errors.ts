// What can go wrong on the way, each with the status it means to the client and its RFC 9209 type.
import type { ErrorType } from '../../telemetry/record.ts'

/** Thrown by stages and transports; mapped to a reply in one place (handle.ts). */
export class ProxyError extends Error {
  readonly status: number
  readonly type: ErrorType
  /** True when not one byte of the request has left: another upstream may be asked whatever the method. */
  readonly unsent: boolean
  /** True when the request was never answered because a kept-alive connection had just closed. */
  readonly stale: boolean
  /** True when something of a reply had come, and then no whole head. */
  readonly begun: boolean

  constructor(
    type: ErrorType,
    message: string,
    options: { status?: number; unsent?: boolean; stale?: boolean; begun?: boolean; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'ProxyError'
    this.type = type
    this.status = options.status ?? STATUS[type] ?? 502
    this.unsent = options.unsent ?? false
    this.stale = options.stale ?? false
    this.begun = options.begun ?? false
  }
}

/** Recommended status per type (RFC 9209 section 2.3); 502 where not listed. */
const STATUS: Partial<Record<ErrorType, number>> = {
  dns_timeout: 504,
  destination_not_found: 500,
  destination_unavailable: 503,
  connection_timeout: 504,
  connection_read_timeout: 504,
  connection_write_timeout: 504,
  connection_limit_reached: 503,
  http_request_error: 400,
  http_request_denied: 403,
  http_response_timeout: 504,
  proxy_internal_error: 500,
  proxy_configuration_error: 500,
  proxy_loop_detected: 508,
  client_aborted: 499,
  client_timeout: 408,
  request_too_large: 413,
  rate_limited: 429,
  no_route: 404,
  malformed_request: 400,
}
