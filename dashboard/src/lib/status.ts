// What a status means at a glance: its class, glyph, word, colour token and filter value.

export type StatusClass = 'ok' | 'redirect' | 'client' | 'limited' | 'server' | 'aborted'

export type Shape = 'dot' | 'ring' | 'arrow' | 'triangle' | 'square' | 'hourglass' | 'cross'

export interface StatusLook {
  /** Drawn by Glyph: a font may lack the character. */
  glyph: Shape
  word: string
  /** Token name: `--ok` and so on. */
  token: string
  /** What to filter by, without negation. */
  field: string
  value: string
}

export const STATUS_LOOK: Record<StatusClass, StatusLook> = {
  ok: { glyph: 'dot', word: '2xx', token: 'ok', field: 'status', value: '2xx' },
  redirect: { glyph: 'arrow', word: '3xx', token: 'redirect', field: 'status', value: '3xx' },
  client: { glyph: 'triangle', word: '4xx', token: 'warn', field: 'status', value: '4xx' },
  limited: { glyph: 'hourglass', word: '429', token: 'limited', field: 'is', value: 'limited' },
  server: { glyph: 'square', word: '5xx', token: 'error', field: 'status', value: '5xx' },
  aborted: { glyph: 'cross', word: 'aborted', token: 'aborted', field: 'is', value: 'aborted' },
}

/** The order of stacking, worst nearest to the baseline: errors stay readable as a shape. */
export const STATUS_ORDER: readonly StatusClass[] = [
  'server',
  'limited',
  'client',
  'aborted',
  'redirect',
  'ok',
]

export function statusClass(status: number, aborted = false): StatusClass {
  if (aborted || status === 499 || status === 0) return 'aborted'
  if (status === 429) return 'limited'
  if (status >= 500) return 'server'
  if (status >= 400) return 'client'
  if (status >= 300) return 'redirect'
  return 'ok'
}

const WORDS: Record<string, StatusClass> = {
  ok: 'ok',
  '1xx': 'ok',
  '2xx': 'ok',
  redirect: 'redirect',
  '3xx': 'redirect',
  client: 'client',
  '4xx': 'client',
  limited: 'limited',
  server: 'server',
  error: 'server',
  '5xx': 'server',
  aborted: 'aborted',
}

/** A group's name as the API gives it (`5xx`, `503` or a word) → its class. */
export function statusClassOfName(name: string): StatusClass {
  return WORDS[name.toLowerCase()] ?? statusClass(Number(name) || 0)
}

const CACHE_TOKENS: Record<string, string> = {
  hit: 'hit',
  revalidated: 'hit',
  collapsed: 'hit',
  stale: 'stale',
  miss: 'miss',
  bypass: 'bypass',
  none: 'bypass',
}

export function cacheToken(verdict: string): string {
  return CACHE_TOKENS[verdict] ?? 'bypass'
}

/** A route or an upstream keeps its colour on every page: a slot by hash. */
export function seriesToken(name: string): string {
  let hash = 2166136261
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 16777619)
  return `series-${(hash >>> 0) % 10}`
}

const STATE_LOOK = {
  up: { glyph: 'dot', word: 'up', token: 'ok' },
  out: { glyph: 'triangle', word: 'out', token: 'warn' },
  down: { glyph: 'square', word: 'down', token: 'error' },
  gone: { glyph: 'ring', word: 'gone', token: 'faint' },
} as const

export function upstreamLook(state: keyof typeof STATE_LOOK) {
  return STATE_LOOK[state]
}
