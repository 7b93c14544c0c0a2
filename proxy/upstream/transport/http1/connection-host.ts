// What a connection to an upstream needs of the pool that owns it.
import type { HeadMemory } from '../../../lib/http1/head-memory.ts'
import type { UpstreamConnection } from './connection.ts'
import type { ReplyHead } from './reply-head.ts'

export interface ConnectionOptions {
  host: string
  port: number
  connectMs: number
  responseMs: number
  idleMs: number
  /** Idle limit of event streams, which are silent for long. */
  tunnelMs: number
}

export interface ConnectionHost {
  readonly options: ConnectionOptions
  /** What the upstream said last, to anything but HEAD. */
  readonly heads: HeadMemory<ReplyHead>
  /** @returns the head, or a sentence that says why it is none */
  readHead(text: string, method: string): ReplyHead | string
  /** Ready for another request from `atMs` on. @param hintMs the upstream's Keep-Alive hint, −1: none */
  released(connection: UpstreamConnection, hintMs: number, atMs: number): void
  closed(connection: UpstreamConnection): void
}
