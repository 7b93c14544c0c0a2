// The five things that we ask of SQLite: the only file that knows which library provides them.
import Database, { type Statement } from 'better-sqlite3'

export type Value = number | string | Uint8Array | null

export interface Driver {
  /** @returns the number of rows changed. Also for PRAGMA and schema statements, one at a time. */
  run(sql: string, ...params: Value[]): number
  /** Rows as objects named after their columns. */
  all<Row>(sql: string, ...params: Value[]): Row[]
  /** Rows as arrays, one by one; a visitor that returns false ends it. */
  each(sql: string, params: readonly Value[], visit: (row: Value[]) => boolean | void): void
  /** All or nothing. */
  transaction<T>(work: () => T): T
  close(): void
}

export type OpenDriver = (file: string, readonly: boolean) => Driver

/** Prepared statements kept per connection; filters make many different ones. */
const MAX_STATEMENTS = 64

/** @throws SqliteError with a `code` such as SQLITE_CANTOPEN or SQLITE_NOTADB */
export const openDriver: OpenDriver = (file, readonly) => {
  const db = new Database(file, { readonly, timeout: 5000 })
  const statements = new Map<string, Statement<unknown[]>>()
  const prepared = (sql: string): Statement<unknown[]> => {
    const known = statements.get(sql)
    if (known !== undefined) return known
    const made = db.prepare<unknown[]>(sql)
    if (statements.size >= MAX_STATEMENTS) statements.delete(statements.keys().next().value!)
    statements.set(sql, made)
    return made
  }
  return {
    run(sql, ...params) {
      const statement = prepared(sql)
      return statement.reader ? statement.all(...params).length : statement.run(...params).changes
    },
    all: <Row>(sql: string, ...params: Value[]) =>
      prepared(sql)
        .raw(false)
        .all(...params) as Row[],
    each(sql, params, visit) {
      for (const row of prepared(sql)
        .raw(true)
        .iterate(...params)) {
        if (visit(row as Value[]) === false) return
      }
    },
    transaction: work => db.transaction(work)(),
    close: () => void db.close(),
  }
}
