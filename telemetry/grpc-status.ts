// The names of gRPC's status codes, for people.
import type { GrpcStatus } from './record.ts'

// biome-ignore format: one per line would be seventeen lines
const NAMES = [
  'OK', 'CANCELLED', 'UNKNOWN', 'INVALID_ARGUMENT', 'DEADLINE_EXCEEDED', 'NOT_FOUND', 'ALREADY_EXISTS',
  'PERMISSION_DENIED', 'RESOURCE_EXHAUSTED', 'FAILED_PRECONDITION', 'ABORTED', 'OUT_OF_RANGE', 'UNIMPLEMENTED',
  'INTERNAL', 'UNAVAILABLE', 'DATA_LOSS', 'UNAUTHENTICATED',
] as const

/** @returns −1 for what is no name of a status */
export const grpcCodeOf = (name: string): number =>
  NAMES.indexOf(name.toUpperCase() as (typeof NAMES)[number])

/** @returns null where there was none */
export function grpcStatus(code: number): GrpcStatus | null {
  return code < 0 ? null : { code, name: NAMES[code] ?? `status ${code}` }
}
