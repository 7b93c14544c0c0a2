// An answer of the API that is an error, and how every other fault becomes one.
import { QueryError } from '../../telemetry/query/query-error.ts'
import type { ApiError } from './contract.ts'

/** Thrown anywhere below the server; its message is for the person who called. */
export class Problem extends Error {
  readonly status: number
  /** Seconds; sent as Retry-After. 0: not sent. */
  readonly retryAfterS: number

  constructor(status: number, message: string, retryAfterS = 0) {
    super(message)
    this.name = 'Problem'
    this.status = status
    this.retryAfterS = retryAfterS
  }
}

/** The one place where errors become statuses. Undefined: a fault of ours, which only the log may tell. */
export function problemOf(error: unknown): Problem | undefined {
  if (error instanceof Problem) return error
  if (!(error instanceof QueryError) || error.status >= 500 !== (error.status === 503)) return undefined
  const where = error.position === null ? '' : `character ${error.position + 1}: `
  return new Problem(error.status, where + error.message, error.status === 503 ? 1 : 0)
}

export function problemResponse(problem: Problem): Response {
  const body: ApiError = { error: { status: problem.status, message: problem.message } }
  const headers: Record<string, string> = { 'content-type': 'application/json; charset=utf-8' }
  if (problem.retryAfterS > 0) headers['retry-after'] = String(problem.retryAfterS)
  return new Response(JSON.stringify(body), { status: problem.status, headers })
}
