// What a load program counted in one run.

export interface LoadResult {
  /** Answered requests, connections or messages. */
  operations: number
  seconds: number
  /** Non-2xx answers, socket errors, short bodies. */
  errors: number
  /** Received, heads included. */
  bytes: number
  p50Ms?: number
  p99Ms?: number
  meanMs?: number
}
