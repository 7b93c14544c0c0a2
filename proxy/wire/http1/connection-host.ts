// What an HTTP/1.1 connection from a client needs of its wire.
import type { Gate } from '../gate.ts'
import type { ClientConnection } from './connection.ts'

export interface ConnectionHost {
  readonly gate: Gate
  readonly draining: boolean
  closed(connection: ClientConnection): void
}
