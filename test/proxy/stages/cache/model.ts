// RFC 9111 written down as it reads, slowly, and knowing nothing of the implementation: may this answer be reused?

export type Fields = Record<string, string>

/** What one exchange with the origin, or an update to it, left to reason with. Times are whole seconds. */
export interface State {
  fields: Fields
  requestS: number
  responseS: number
}

export interface Stored {
  id: string
  url: string
  /** Of the request that it answered. */
  request: Fields
  status: number
  /** More than one where an update may or may not have been taken. */
  states: State[]
  /** When it was invalidated; Infinity: never. */
  invalidS: number
}

/** How an answer came to be: what the origin said while the request was under way. */
export interface Reuse {
  nowS: number
  request: Fields
  url: string
  /** The origin confirmed it for this request. */
  validated: boolean
  /** The origin was asked and failed. */
  failed: boolean
}

/** Section 5.2: well-formed directives only, which is all that the histories hold. */
function directive(fields: Fields, name: string): string | undefined {
  for (const part of (fields['cache-control'] ?? '').split(',')) {
    const [key, value = ''] = part.trim().split('=')
    if (key === name) return value
  }
  return undefined
}
const says = (fields: Fields, name: string): boolean => directive(fields, name) !== undefined
const seconds = (fields: Fields, name: string): number | undefined => {
  const value = directive(fields, name)
  return value === undefined || value === '' ? undefined : Number(value)
}
const dateS = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Date.parse(text) / 1000

/** Section 3: the list of what must be true of a response to be stored by a shared cache. */
function mayBeStored(stored: Stored, fields: Fields): boolean {
  if (stored.status < 200 || stored.status === 206 || stored.status === 304) return false
  if (says(fields, 'no-store') || says(fields, 'private')) return false
  if ('authorization' in stored.request) {
    // Section 3.5.
    const allowed = ['must-revalidate', 'public', 's-maxage'].some(name => says(fields, name))
    if (!allowed) return false
  }
  return true
}

/** Section 4.2.1. */
export function freshnessLifetime({ fields, responseS }: State): number {
  const explicit = seconds(fields, 's-maxage') ?? seconds(fields, 'max-age')
  if (explicit !== undefined) return explicit
  const expires = dateS(fields.expires)
  return expires === undefined ? 0 : expires - (dateS(fields.date) ?? responseS)
}

/** Section 4.2.3, with its names. */
export function currentAge({ fields, requestS, responseS }: State, nowS: number): number {
  const apparentAge = Math.max(0, responseS - (dateS(fields.date) ?? responseS))
  const responseDelay = responseS - requestS
  const correctedAgeValue = Number(fields.age ?? 0) + responseDelay
  const correctedInitialAge = Math.max(apparentAge, correctedAgeValue)
  const residentTime = nowS - responseS
  return correctedInitialAge + residentTime
}

/** Sections 5.2.1, 4.2.4 and RFC 5861. */
function mayBeUsedUnvalidated(state: State, { nowS, request, failed }: Reuse): string {
  const { fields } = state
  if (says(fields, 'no-cache')) return 'no-cache says to validate'
  if (says(request, 'no-cache')) return 'the request says to validate'
  const age = currentAge(state, nowS)
  const lifetime = freshnessLifetime(state)
  const staleness = age - lifetime
  const fresh = lifetime > age
  const careless = fresh && says(fields, 'immutable')
  if (failed) {
    const sie = Math.max(seconds(fields, 'stale-if-error') ?? -1, seconds(request, 'stale-if-error') ?? -1)
    if (fresh || (!says(fields, 'must-revalidate') && staleness <= sie)) return ''
    return `it is ${staleness} s stale, and ${sie} s are allowed where the origin fails`
  }
  const maxAge = seconds(request, 'max-age')
  if (maxAge !== undefined && age > maxAge && !careless)
    return `it is ${age} s old, the request takes ${maxAge}`
  const minFresh = seconds(request, 'min-fresh')
  if (minFresh !== undefined && lifetime - age < minFresh && !careless) return 'min-fresh'
  if (fresh) return ''
  if (says(fields, 'must-revalidate')) return 'must-revalidate, and stale'
  if (staleness <= (seconds(fields, 'stale-while-revalidate') ?? -1)) return ''
  if (says(request, 'max-stale') && !says(fields, 's-maxage')) {
    if (staleness <= (seconds(request, 'max-stale') ?? Number.POSITIVE_INFINITY)) return ''
  }
  return `it is ${staleness} s stale`
}

/** Section 4: the list of what must be true to reuse a stored response. @returns why not, '' where it may */
export function mayReuse(stored: Stored, reuse: Reuse): string {
  if (stored.url !== reuse.url) return 'it is of another URL'
  if (stored.invalidS <= reuse.nowS) return `it was invalidated at ${stored.invalidS}`
  const reasons = stored.states.map(state => {
    const { fields } = state
    // A 304 may forbid what it confirms from being kept, not from being the answer to its own request.
    if (!reuse.validated && !mayBeStored(stored, fields)) return 'it must not have been stored'
    // Section 4.1.
    for (const name of (fields.vary ?? '').split(',').map(part => part.trim())) {
      if (name === '*') return 'Vary is *'
      if (name !== '' && stored.request[name] !== reuse.request[name]) return `it varies by ${name}`
    }
    return reuse.validated ? '' : mayBeUsedUnvalidated(state, reuse)
  })
  return reasons.includes('') ? '' : reasons.join(' | ')
}
