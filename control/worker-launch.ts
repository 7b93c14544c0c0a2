// How a worker's process is begun, so that it gives back what it no longer needs (decision 11).

/**
 * 8 MB for each half of the young generation: left to itself V8 lets the three of it grow to 100 MB where answers
 * that are stored survive it.
 */
export const WORKER_ARGUMENTS: readonly string[] = [...process.execArgv, '--max-semi-space-size=8']

/**
 * For glibc's malloc. The threads of V8 and libuv share one arena, since what is freed in an arena of its own stays
 * with the process; what is large is mapped by itself, and given back at once. Whoever runs Oriel may say otherwise.
 */
export const WORKER_ENVIRONMENT = {
  MALLOC_ARENA_MAX: process.env.MALLOC_ARENA_MAX ?? '1',
  MALLOC_MMAP_THRESHOLD_: process.env.MALLOC_MMAP_THRESHOLD_ ?? String(64 * 1024),
  // Half of what Linux allows a process: with a budget of gigabytes V8 needs maps, too.
  MALLOC_MMAP_MAX_: process.env.MALLOC_MMAP_MAX_ ?? '32000',
}
