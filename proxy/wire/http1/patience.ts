// How long, and for how much, a client's connection waits where no configuration says so.

export const patience = {
  /** A client that takes nothing for this long holds memory for nothing. */
  stallMs: 30_000,
  /** After our last word the client may take so long, and send so much, before it is cut off. */
  lingerMs: 2000,
  lingerBytes: 1024 * 1024,
  /** Bytes of further requests that may wait for their turn. */
  aheadBytes: 64 * 1024,
  /** An idle client may be sending just now: on shutdown it is heard for so long. */
  lastCallMs: 500,
  /** An idle connection forgets its last head after so long: ten thousand of them should not hold ten thousand heads. */
  memoryMs: 2000,
} as const
