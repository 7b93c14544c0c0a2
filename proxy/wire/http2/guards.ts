// What HTTP/2 lets a client do for nothing, without end, and we do not (RFC 9113 section 10.5).
import { Flood } from './flood.ts'

const MS = 10_000
/** At once, and in ten seconds for long. */
const MOST = {
  ping: 100,
  settings: 100,
  priority: 1000,
  /** Frames of a kind that nobody knows. */
  unknown: 1000,
  /** DATA without data that does not end anything. */
  emptyData: 100,
  /** WINDOW_UPDATE by a few bytes, each of which costs a frame (CVE-2019-9511). */
  tinyWindow: 10_000,
  /** CVE-2023-44487 */
  reset: 200,
} as const
/** Faults for which we reset a stream (CVE-2025-8671 makes us do it), and malformed requests: of a connection, ever. */
const FAULTS_MAX = 100

/** Bytes of a WINDOW_UPDATE that nobody needs to send often. */
export const TINY_UPDATE = 16

export type Act = keyof typeof MOST

export class Guards {
  #faults = 0
  #floods: Partial<Record<Act, Flood>> | null = null

  /** One more. @returns true when it is one too many */
  tooMany(act: Act, nowMs: number): boolean {
    this.#floods ??= {}
    const flood = (this.#floods[act] ??= new Flood(MOST[act], MS))
    return flood.add(nowMs)
  }

  /** @returns true when it is one too many */
  fault(): boolean {
    return ++this.#faults >= FAULTS_MAX
  }
}
