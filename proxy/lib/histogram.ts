// Histogram arithmetic shared by worker and telemetry: exponential buckets at scale 5, and the fixed ones.

/** OpenTelemetry exponential histogram: base = 2^(2^-scale); at 5 a bucket is 2.2 % wide. */
export const SCALE = 5
const BUCKETS_PER_OCTAVE = 2 ** SCALE

const indexOf = (valueUs: number): number => Math.ceil(Math.log2(valueUs) * BUCKETS_PER_OCTAVE) - 1

/** The indices of whole microseconds up to 4 ms, which most durations are: no logarithm for those. */
const TABLE = Int16Array.from({ length: 4096 }, (_, us) => (us <= 1 ? -1 : indexOf(us)))

/** Bucket i covers (base^i, base^(i+1)]. Values up to 1 µs share index −1. */
export function exponentialIndex(valueUs: number): number {
  if (valueUs <= 1) return -1
  return TABLE[valueUs] ?? indexOf(valueUs)
}

/** @returns the bucket's bounds, microseconds: exclusive low, inclusive high */
export function exponentialBounds(index: number): [lowUs: number, highUs: number] {
  if (index < 0) return [0, 1]
  return [2 ** (index / BUCKETS_PER_OCTAVE), 2 ** ((index + 1) / BUCKETS_PER_OCTAVE)]
}

const BOUNDS_US = [5e3, 1e4, 25e3, 5e4, 75e3, 1e5, 25e4, 5e5, 75e4, 1e6, 25e5, 5e6, 75e5, 1e7]

/** Which of the 15 buckets of DURATION_BOUNDS_S a duration falls in (upper bounds inclusive). */
export function bucketIndex(valueUs: number): number {
  let i = 0
  while (i < BOUNDS_US.length && valueUs > BOUNDS_US[i]!) i++
  return i
}
