// Time: monotonic for durations and limits, wall clock only for what people read.
import { performance } from 'node:perf_hooks'

const originMs = performance.timeOrigin

/** Monotonic milliseconds with microsecond resolution. */
export const nowMs = (): number => performance.now()

/** Wall-clock Unix milliseconds with a fraction. */
export const wallMs = (): number => originMs + performance.now()

/** The wall-clock time of a monotonic one. */
export const wallOfMs = (monotonicMs: number): number => originMs + monotonicMs
