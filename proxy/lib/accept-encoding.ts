// Which content coding a client wants most (RFC 9110 section 12.5.3).

export const ENCODINGS = ['zstd', 'br', 'gzip'] as const
export type Encoding = (typeof ENCODINGS)[number]

/** What an Accept-Encoding field says: weights by coding, lower-case; `*` and `identity` among them. */
export type Weights = ReadonlyMap<string, number>

/** Section 12.4.2: at most three digits after the point. */
const MEMBER = /^([!#$%&'*+.^_`|~\w-]+)(?:[ \t]*;[ \t]*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?$/i
/** More members than any client sends: the rest is ignored. */
const MAX_MEMBERS = 32

/** Members that are not well-formed are ignored; of two for one coding the last counts. */
export function parseAcceptEncoding(field: string): Weights {
  const weights = new Map<string, number>()
  for (const part of field.split(',', MAX_MEMBERS)) {
    const match = MEMBER.exec(part.trim())
    if (match === null) continue
    const coding = match[1]!.toLowerCase()
    // Section 8.4.1.3: x-gzip is gzip.
    weights.set(coding === 'x-gzip' ? 'gzip' : coding, match[2] === undefined ? 1 : Number(match[2]))
  }
  return weights
}

/** Weight of a coding: as named, else what `*` says, else 0. */
export function weightOf(weights: Weights, coding: string): number {
  return weights.get(coding) ?? weights.get('*') ?? 0
}

/**
 * The coding to answer with: the highest weight, on ties the first of `offered`.
 * @returns '' when the client wants none of them, or wants the plain form more
 */
export function preferredEncoding(weights: Weights, offered: readonly Encoding[]): Encoding | '' {
  let best: Encoding | '' = ''
  let most = 0
  for (const coding of offered) {
    const weight = weightOf(weights, coding)
    if (weight > most) {
      best = coding
      most = weight
    }
  }
  return (weights.get('identity') ?? 0) > most ? '' : best
}

/** The codings a client takes at all, in our order: what a cache may tell apart; `identity` for none. */
export function acceptedEncodings(weights: Weights): string {
  return ENCODINGS.filter(coding => weightOf(weights, coding) > 0).join(', ') || 'identity'
}
