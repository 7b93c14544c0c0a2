// Time: monotonic for durations and limits, wall clock only for what people read.

/** Monotonic milliseconds with microsecond resolution. */
export const nowMs = (): number => performance.now()

/** Wall-clock Unix milliseconds with a fraction. */
export const wallMs = (): number => performance.timeOrigin + performance.now()
