// The eight header figures as data: what each says, compares to, draws and filters by.
import type { Figures, Overview, Series, Tick } from '../../../../control/admin/contract.ts'
import * as format from '../../lib/format.ts'
import { totals } from '../../lib/statusLines.ts'

export interface Figure {
  label: string
  value: string
  change: string
  /** What the change compares to; the exact value. */
  title: string
  /** This second, from the live stream; '' when it is not known. */
  second: string
  values: readonly (number | null)[]
  token?: string
  filter?: { field: string; value: string }
}

interface Input {
  overview: Overview
  series: Series | undefined
  tick: Tick | null
}

const NOTHING: readonly (number | null)[] = []

export function figuresOf(input: Input): Figure[] {
  return [
    rate(input),
    errors(input),
    percentile(input, 'p50', 'p50Us'),
    percentile(input, 'p95', 'p95Us'),
    percentile(input, 'p99', 'p99Us'),
    cache(input),
    out(input),
    inFlight(input),
  ]
}

function rate({ overview: { now, before }, series, tick }: Input): Figure {
  return {
    label: 'Rate',
    value: format.formatRate(now.rate),
    change: format.formatChange(now.rate, before.rate),
    title: `before: ${format.formatRate(before.rate)}`,
    second: tick === null ? '' : format.formatRate(tick.requests),
    values: series === undefined ? NOTHING : totals(series),
    token: 'accent',
  }
}

function share(now: number | null, before: number | null, second: number | null) {
  return {
    value: format.formatShare(now),
    change: format.formatPoints(now, before),
    title: `before: ${format.formatShare(before)}`,
    second: second === null ? '' : format.formatShare(second),
  }
}

function errors({ overview: { now, before }, series, tick }: Input): Figure {
  const second = tick === null || tick.requests === 0 ? null : tick.errors / tick.requests
  return {
    label: 'Errors',
    ...share(now.errorShare, before.errorShare, second),
    values: series?.errorShare ?? NOTHING,
    token: 'error',
    filter: { field: 'is', value: 'failed' },
  }
}

function cache({ overview: { now, before }, series, tick }: Input): Figure {
  return {
    label: 'Cache',
    ...share(now.cacheShare, before.cacheShare, tick?.cacheShare ?? null),
    values: series?.cacheShare ?? NOTHING,
    token: 'hit',
    filter: { field: 'is', value: 'cached' },
  }
}

function percentile(
  { overview: { now, before }, series, tick }: Input,
  label: string,
  key: 'p50Us' | 'p95Us' | 'p99Us',
): Figure {
  const us = now[key]
  const second = tick?.[key] ?? null
  return {
    label,
    value: format.formatDuration(us),
    change: format.formatChange(us, before[key]),
    title: `before: ${format.formatDuration(before[key])}`,
    second: second === null ? '' : format.formatDuration(second),
    values: series?.[key] ?? NOTHING,
    // The requests beyond the percentile.
    ...(us === null ? {} : { filter: { field: 'duration', value: `>${Math.floor(us)}us` } }),
  }
}

function out({ overview: { now, before }, series, tick }: Input): Figure {
  return {
    label: 'Out',
    value: `${format.formatBytes(perSecond(now))}/s`,
    change: format.formatChange(now.outBytes, before.outBytes),
    title: `${format.formatExact(now.outBytes)} bytes in the range; before: ${format.formatBytes(before.outBytes)}`,
    second: tick === null ? '' : `${format.formatBytes(tick.outBytes)}/s`,
    values: series?.outBytes ?? NOTHING,
  }
}

function inFlight({ overview, tick }: Input): Figure {
  return {
    label: 'In flight',
    value: format.formatCount(tick?.inFlight ?? overview.inFlight),
    change: '',
    title: 'Requests that are being answered at this moment',
    second: '',
    values: NOTHING,
  }
}

/** Bytes per second, over the same time that the rate was taken over. */
function perSecond({ outBytes, requests, rate: perS }: Figures): number {
  return requests === 0 ? 0 : (outBytes * perS) / requests
}
