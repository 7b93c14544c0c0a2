// What a reset stream or a lost session means for a request, in the words of RFC 9209.
import type { ErrorType } from '../../../../telemetry/record.ts'
import { H2 } from '../../../lib/http2-codes.ts'
import { ProxyError } from '../../../pipeline/errors.ts'

const NAMES = [
  'NO_ERROR',
  'PROTOCOL_ERROR',
  'INTERNAL_ERROR',
  'FLOW_CONTROL_ERROR',
  'SETTINGS_TIMEOUT',
  'STREAM_CLOSED',
  'FRAME_SIZE_ERROR',
  'REFUSED_STREAM',
  'CANCEL',
  'COMPRESSION_ERROR',
  'CONNECT_ERROR',
  'ENHANCE_YOUR_CALM',
  'INADEQUATE_SECURITY',
  'HTTP_1_1_REQUIRED',
] as const

/** Codes of RFC 9113 section 7 that are not the plain end of a connection. */
const TYPES: Record<number, ErrorType> = {
  [H2.PROTOCOL_ERROR]: 'http_protocol_error',
  [H2.FLOW_CONTROL_ERROR]: 'http_protocol_error',
  [H2.FRAME_SIZE_ERROR]: 'http_protocol_error',
  [H2.COMPRESSION_ERROR]: 'http_protocol_error',
  [H2.STREAM_CLOSED]: 'http_protocol_error',
  [H2.HTTP_1_1_REQUIRED]: 'http_protocol_error',
  [H2.INADEQUATE_SECURITY]: 'tls_protocol_error',
  [H2.ENHANCE_YOUR_CALM]: 'destination_unavailable',
}

export interface StreamEnd {
  /** RST_STREAM's or GOAWAY's code. */
  code: number
  /** The final head had come. */
  answered: boolean
  /** An interim one had. */
  begun: boolean
  /** GOAWAY said that the upstream never acted on this stream. */
  unprocessed: boolean
  /** The session had carried requests before, and its connection has gone. */
  stale: boolean
  place: string
}

/** RFC 9113 section 8.7: a refused stream, and one above GOAWAY's last, was not acted on. */
export function streamError(end: StreamEnd, cause?: Error): ProxyError {
  const name = NAMES[end.code] ?? `code ${end.code}`
  const options = cause === undefined ? {} : { cause }
  if (end.answered) {
    return new ProxyError('http_response_incomplete', `the reply broke off: ${name} (${end.place})`, options)
  }
  if (end.unprocessed || end.code === H2.REFUSED_STREAM) {
    return new ProxyError('connection_terminated', `not acted on: ${name} (${end.place})`, {
      ...options,
      unsent: true,
      stale: end.unprocessed,
    })
  }
  const type = TYPES[end.code] ?? 'connection_terminated'
  return new ProxyError(type, `ended before the reply: ${name} (${end.place})`, {
    ...options,
    begun: end.begun,
    stale: end.stale && !end.begun && type === 'connection_terminated',
  })
}
