// gRPC over HTTP/2 as far as a proxy must know it: who speaks it, how long it waits, how it hears of failures.
import type { Headers } from './headers.ts'

const GRPC = /^application\/grpc(?:$|[+;])/i

/** `application/grpc`, `application/grpc+proto` …; not gRPC-Web, which is plain HTTP. */
export function isGrpc(headers: Headers): boolean {
  const type = headers.get('content-type')
  return type !== undefined && GRPC.test(type)
}

const UNIT_MS: Record<string, number> = { H: 3_600_000, M: 60_000, S: 1000, m: 1, u: 1e-3, n: 1e-6 }

/** The deadline that a client sets in `grpc-timeout`; −1: none. At least a millisecond. */
export function grpcTimeoutMs(headers: Headers): number {
  const match = /^(\d{1,8})([HMSmun])$/.exec(headers.get('grpc-timeout') ?? '')
  return match === null ? -1 : Math.max(1, Number(match[1]) * UNIT_MS[match[2]!]!)
}

/** gRPC's own table of what an HTTP status means to its clients; the two below it know more than the status. */
const STATUS: Record<number, number> = {
  400: 13,
  401: 16,
  403: 7,
  404: 12,
  429: 14,
  502: 14,
  503: 14,
  504: 14,
  // RESOURCE_EXHAUSTED: the message was over guard.maxBody.
  413: 8,
  // CANCELLED: the client has left.
  499: 1,
}

/** UNKNOWN where the table is silent. */
export const grpcStatusOf = (status: number): number => STATUS[status] ?? 2

/** @returns the number in `grpc-status`; −1: absent or not one */
export function readGrpcStatus(headers: Headers): number {
  const text = headers.get('grpc-status')
  return text !== undefined && /^\d{1,3}$/.test(text) ? Number(text) : -1
}

/** `grpc-message` is percent-encoded: all but printable ASCII, and the percent sign. */
export function grpcMessage(text: string): string {
  let out = ''
  for (const byte of Buffer.from(text, 'utf8')) {
    out +=
      byte >= 0x20 && byte <= 0x7e && byte !== 0x25
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return out
}

/** UNKNOWN, DEADLINE_EXCEEDED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE, DATA_LOSS: the server's fault (OpenTelemetry). */
const FAILURES = new Set([2, 4, 12, 13, 14, 15])

export const isGrpcFailure = (code: number): boolean => FAILURES.has(code)
