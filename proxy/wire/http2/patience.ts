// How long, and for how much, an HTTP/2 client waits or is waited for where no configuration says so.

export const patience = {
  /** A client that takes nothing for this long holds memory for nothing. */
  stallMs: 30_000,
  /** After our last word it may take so long to close. */
  lingerMs: 2000,
  /** An idle connection forgets its last head after so long. */
  memoryMs: 2000,
  /** Between telling that we go and going: requests of the last moment still count. */
  lastCallMs: 500,
} as const
