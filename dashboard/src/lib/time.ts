// The time range: relative tokens as in `now-15m`, absolute Unix milliseconds, and what shifting them means.

export interface Range {
  from: string
  to: string
}
export interface Span {
  from: number
  to: number
}

const UNIT_MS = { s: 1e3, m: 60e3, h: 3600e3, d: 86400e3 } as const
type Unit = keyof typeof UNIT_MS

export const DEFAULT_RANGE: Range = { from: 'now-15m', to: 'now' }
export const PRESETS = ['1m', '5m', '15m', '1h', '6h', '24h', '7d'] as const
const MIN_SPAN_MS = 1000
/** As a part of the range. */
const NEAR_NOW = 0.05

/** Milliseconds of `15m`; null when it is no length of time. */
export function parseLength(text: string): number | null {
  const match = /^(\d{1,6})([smhd])$/.exec(text)
  return match === null ? null : Number(match[1]) * UNIT_MS[match[2] as Unit]
}

/** A token → Unix milliseconds; null when it cannot be read. */
export function parseToken(token: string, now: number): number | null {
  if (token === 'now') return now
  if (token.startsWith('now-')) {
    const length = parseLength(token.slice(4))
    return length === null ? null : now - length
  }
  if (/^\d{10,16}$/.test(token)) return Number(token)
  const date = Date.parse(token)
  return Number.isNaN(date) ? null : date
}

/** Always a usable span: what cannot be read becomes the default. */
export function resolveRange(range: Range, now: number): Span {
  const to = parseToken(range.to, now) ?? now
  const from = parseToken(range.from, now) ?? to - 900e3
  return from + MIN_SPAN_MS <= to ? { from, to } : { from: to - MIN_SPAN_MS, to }
}

/** The right edge follows the clock. */
export function isLive(range: Range): boolean {
  return range.to === 'now'
}

/** 900000 → `15m`: the largest unit that divides it, else whole seconds. */
export function toLength(ms: number): string {
  const whole = Math.max(1, Math.round(ms / 1000)) * 1000
  // A single day stays 24 h, as the preset has it.
  const unit = (['d', 'h', 'm'] as const).find(
    each => whole % UNIT_MS[each] === 0 && whole >= UNIT_MS[each] * (each === 'd' ? 2 : 1),
  )
  return unit === undefined ? `${whole / 1000}s` : `${whole / UNIT_MS[unit]}${unit}`
}

/** Live → the same span, standing still; standing still → the same length, following the clock. */
export function toggleLive(range: Range, now: number): Range {
  const span = resolveRange(range, now)
  if (isLive(range)) return { from: String(Math.round(span.from)), to: String(Math.round(span.to)) }
  return { from: `now-${toLength(span.to - span.from)}`, to: 'now' }
}

/** Half a span earlier (−1) or later (+1); what would pass the clock becomes live again. */
export function shiftRange(range: Range, direction: -1 | 1, now: number): Range {
  const span = resolveRange(range, now)
  const length = span.to - span.from
  const to = span.to + (direction * length) / 2
  // The clock went on while the reader looked: a little short of now is now.
  if (to >= now - length * NEAR_NOW) return { from: `now-${toLength(length)}`, to: 'now' }
  return { from: String(Math.round(to - length)), to: String(Math.round(to)) }
}

const PRESET_WORDS: Record<Unit, string> = { s: 's', m: 'min', h: 'h', d: 'days' }

/** `last 15 min`, or `12:04 – 12:19` */
export function describeRange(range: Range, now: number): string {
  const match = /^now-(\d+)([smhd])$/.exec(range.from)
  if (isLive(range) && match !== null) return `last ${match[1]} ${PRESET_WORDS[match[2] as Unit]}`
  const span = resolveRange(range, now)
  const sameDay = new Date(span.from).toDateString() === new Date(span.to).toDateString()
  const today = sameDay && new Date(span.to).toDateString() === new Date(now).toDateString()
  const short = span.to - span.from < 600e3
  const end = isLive(range) ? 'now' : clock(span.to, short)
  if (today) return `${clock(span.from, short)} – ${end}`
  if (sameDay) return `${day(span.from)} ${clock(span.from, short)} – ${end}`
  return `${day(span.from)} ${clock(span.from)} – ${isLive(range) ? 'now' : `${day(span.to)} ${clock(span.to)}`}`
}

const two = (value: number) => String(value).padStart(2, '0')

/** Local `12:04`, with seconds `12:04:31`. */
export function clock(at: number, seconds = false): string {
  const date = new Date(at)
  return `${two(date.getHours())}:${two(date.getMinutes())}${seconds ? `:${two(date.getSeconds())}` : ''}`
}

/** Local `12:04:31.208`. */
export function preciseClock(at: number): string {
  return `${clock(at, true)}.${String(Math.floor(at) % 1000).padStart(3, '0')}`
}

/** Local `20 Nov`. */
export function day(at: number): string {
  return new Date(at).toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })
}

/** Everything, with the zone: for titles. */
export function fullTime(at: number): string {
  const zone = new Intl.DateTimeFormat('en', { timeZoneName: 'short' })
    .formatToParts(at)
    .find(part => part.type === 'timeZoneName')
  return `${new Date(at).toISOString().slice(0, 10)} ${preciseClock(at)} ${zone?.value ?? ''}`.trim()
}

/** `now`, `12 s ago`, then the clock, then the day. */
export function relativeTime(at: number, now: number): string {
  const seconds = Math.round((now - at) / 1000)
  if (seconds < 3) return 'now'
  if (seconds < 60) return `${seconds} s ago`
  return now - at < 20 * 3600e3 ? clock(at) : `${day(at)} ${clock(at)}`
}

const TICK_STEPS_S = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800,
]

/** Round local points in time inside a span, at most `count` of them. */
export function timeTicks(span: Span, count: number): number[] {
  const rough = (span.to - span.from) / 1000 / Math.max(1, count)
  const step = (TICK_STEPS_S.find(each => each >= rough) ?? 604_800) * 1000
  const zone = new Date(span.from).getTimezoneOffset() * 60_000
  const ticks: number[] = []
  for (let at = Math.ceil((span.from - zone) / step) * step + zone; at <= span.to; at += step) ticks.push(at)
  return ticks
}
