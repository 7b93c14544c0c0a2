// A question that has no answer, with the HTTP status that says so.

export class QueryError extends Error {
  /** 422 wrong filter or range, 503 not answered in time, 500 a fault of ours. */
  readonly status: number
  /** Where in the filter text, from 0; null when it is not about the filter. */
  readonly position: number | null

  constructor(status: number, message: string, position: number | null = null) {
    super(message)
    this.name = 'QueryError'
    this.status = status
    this.position = position
  }
}
