// What a connection knows of its streams, and they of it.
import type { BriefDeadlines } from '../../lib/brief-deadlines.ts'
import type { Gate } from '../gate.ts'
import type { FieldWriter } from './fields.ts'
import type { Outbox } from './outbox.ts'

/** A stream that is not closed (RFC 9113 section 5.1). Codes are those of section 7. */
export interface LiveStream {
  readonly id: number
  /** Bytes of DATA that the client takes from it; negative where it took some of that back. */
  window: number
  /** The client has ended its side. */
  readonly ended: boolean
  /** DATA came. @returns 0, or why the stream is to be reset */
  received(chunk: Buffer): number
  /** So many bytes of DATA, padding included, count against its window. @returns 0, or why it is to be reset */
  counted(bytes: number, padding: number): number
  /** END_STREAM. @param trailers as they came; null: none @returns 0, or why the stream is to be reset */
  finished(trailers: string[] | null): number
  /** What ends it now is the client's fault. */
  blame(): void
  /** It is over: the client has reset it, or we have, or the connection is gone. */
  cut(): void
  /** The client may take more. */
  flow(): void
}

/** A stream's connection. */
export interface StreamHost {
  readonly gate: Gate
  readonly deadlines: BriefDeadlines
  readonly outbox: Outbox
  readonly fields: FieldWriter
  /** Bytes of DATA that the client takes from all streams. */
  window: number
  /** What the client gives a new stream. */
  readonly initialWindow: number
  /** Call `flow` when there is room on the connection. @param urgent it has not begun yet: before those that have */
  wait(stream: LiveStream, urgent: boolean): void
  add(stream: LiveStream): void
  /** Bytes of DATA, padding included, that take up no room here any more. */
  consumed(bytes: number): void
  /** Both sides have ended. @param atMs monotonic milliseconds */
  closed(stream: LiveStream, atMs: number): void
  /** RST_STREAM: it is over, and frames that are under way are not the client's fault. */
  reset(stream: LiveStream, code: number): void
}
