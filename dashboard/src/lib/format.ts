// Figures as people read them: three significant digits, the unit always, a dash for what is missing.

export const MISSING = '–'
type Maybe = number | null | undefined

/** Three significant digits, never in exponent form; zeros stay, so that columns line up and nothing jumps. */
export function digits(value: number): string {
  if (value === 0) return '0'
  if (Math.abs(value) >= 999.5) return String(Math.round(value))
  return Math.abs(value) < 0.001 ? String(Number(value.toPrecision(3))) : value.toPrecision(3)
}

/** For axes, where the points are round: `5.00 ms` → `5 ms`. */
export function trimZeros(text: string): string {
  return text.replace(/(\.\d*?)0+(?!\d)/, '$1').replace(/\.(?!\d)/, '')
}

function absent(value: Maybe): value is null | undefined {
  return value === null || value === undefined || !Number.isFinite(value)
}

/** Rounds up to the next unit when three digits would read 1000. */
function scaled(value: number, units: readonly (readonly [number, string])[]): string {
  for (const [size, unit] of units) {
    const shown = Number((value / size).toPrecision(3))
    if (Math.abs(shown) >= 1) return digits(shown) + unit
  }
  const [size, unit] = units[units.length - 1]!
  return digits(value / size) + unit
}

/** 12,400 → `12.4k` */
export function formatCount(value: Maybe): string {
  if (absent(value)) return MISSING
  if (Math.abs(value) < 999.5) return Number.isInteger(value) ? String(value) : digits(value)
  return scaled(value, [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ])
}

/** Every digit, grouped: for titles and totals that must be exact. */
export function formatExact(value: Maybe): string {
  return absent(value) ? MISSING : value.toLocaleString('en-US', { maximumFractionDigits: 3 })
}

/** Per second; per minute when it is rarer than once in ten seconds. */
export function formatRate(value: Maybe): string {
  if (absent(value)) return MISSING
  if (value !== 0 && Math.abs(value) < 0.1) return `${digits(value * 60)}/min`
  return `${Math.abs(value) < 999.5 ? digits(value) : formatCount(value)}/s`
}

/** Microseconds → `350 µs`, `18.4 ms`, `1.24 s`, `2 min 5 s` */
export function formatDuration(us: Maybe): string {
  if (absent(us)) return MISSING
  if (us < 999.5) return `${Math.round(us)} µs`
  if (us >= 59.95e6) return formatLongDuration(us / 1e6)
  return scaled(us, [
    [1e6, ' s'],
    [1e3, ' ms'],
  ])
}

function formatLongDuration(seconds: number): string {
  const whole = Math.round(seconds)
  const units = [
    [86400, 'd'],
    [3600, 'h'],
    [60, 'min'],
    [1, 's'],
  ] as const
  const first = units.findIndex(([size]) => whole >= size)
  const [size, unit] = units[first] ?? units[3]
  const next = units[first + 1]
  const rest = next === undefined ? 0 : Math.floor((whole % size) / next[0])
  return `${Math.floor(whole / size)} ${unit}${rest > 0 && next !== undefined ? ` ${rest} ${next[1]}` : ''}`
}

/** In one unit, for a column: 3540 → `59 min`. */
export function formatAge(seconds: number): string {
  const units = [
    [86400, 'd', 2],
    [3600, 'h', 1],
    [60, 'min', 1],
  ] as const
  for (const [size, unit, from] of units)
    if (seconds >= size * from) return `${Math.floor(seconds / size)} ${unit}`
  return `${Math.max(0, Math.floor(seconds))} s`
}

/** Milliseconds of a longer span, for uptime and countdowns. */
export function formatSpan(ms: Maybe): string {
  return absent(ms) ? MISSING : formatLongDuration(Math.max(0, ms) / 1000)
}

/** Decimal units: 3,100,000 → `3.1 MB` */
export function formatBytes(value: Maybe): string {
  if (absent(value)) return MISSING
  if (Math.abs(value) < 999.5) return `${Math.round(value)} B`
  return scaled(value, [
    [1e12, ' TB'],
    [1e9, ' GB'],
    [1e6, ' MB'],
    [1e3, ' kB'],
  ])
}

/** 0.631 → `63.1 %` */
export function formatShare(value: Maybe): string {
  if (absent(value)) return MISSING
  const percent = value * 100
  return `${percent !== 0 && Math.abs(percent) < 0.01 ? '< 0.01' : digits(percent)} %`
}

/** A figure against the one before: `▲ 12 %`; '' when there is nothing to compare or nothing changed. */
export function formatChange(now: Maybe, before: Maybe): string {
  if (absent(now) || absent(before) || before === 0) return ''
  const change = (now - before) / before
  if (Math.abs(change) < 0.005) return ''
  const shown =
    Math.abs(change) >= 9.995 ? `× ${digits(now / before)}` : `${Math.round(Math.abs(change) * 100)} %`
  return `${change > 0 ? '▲' : '▼'} ${shown}`
}

/** A share against the one before, in percentage points: `▲ 1.2 pp`. */
export function formatPoints(now: Maybe, before: Maybe): string {
  if (absent(now) || absent(before)) return ''
  const points = (now - before) * 100
  if (Math.abs(points) < 0.005) return ''
  return `${points > 0 ? '▲' : '▼'} ${Math.abs(points).toFixed(Math.abs(points) < 10 ? 2 : 1)} pp`
}
