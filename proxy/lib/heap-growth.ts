// How far V8 lets the old generation grow before it collects: less far while a cache is much of it (decision 11).
import { setFlagsFromString } from 'node:v8'

/** Below, to collect more often costs more than it gives back: a third of what an HTTP/2 request costs. */
const WORTH_BYTES = 16 * 1024 * 1024
/** What leaves the cache is let go of at half as much again as lives, not at up to four times. */
const THRIFTY_PERCENT = 50
/** V8's own judgement. */
const USUAL_PERCENT = 0

let percent = USUAL_PERCENT

/** @param cachedBytes that the caches of this process hold */
export function adaptHeapGrowth(cachedBytes: number): void {
  const wanted = cachedBytes >= WORTH_BYTES ? THRIFTY_PERCENT : USUAL_PERCENT
  if (wanted === percent) return
  percent = wanted
  setFlagsFromString(`--heap-growing-percent=${percent}`)
}
