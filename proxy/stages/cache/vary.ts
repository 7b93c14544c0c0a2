// The secondary key: which request fields a response was chosen by (RFC 9111 section 4.1).
import { hash } from 'node:crypto'
import { acceptedEncodings, parseAcceptEncoding } from '../../lib/accept-encoding.ts'
import type { Headers } from '../../lib/headers.ts'
import { memo } from '../../lib/memo.ts'

/** More names than this make a response as good as unique. */
export const MAX_VARY_NAMES = 16
const MAX_SUFFIX = 256

/** @returns lower-case names in order; undefined for `*` in any company: such a response is never reused */
export function varyNames(field: string | undefined): string[] | undefined {
  if (field === undefined) return []
  const names = new Set<string>()
  for (const part of field.split(',')) {
    const name = part.trim().toLowerCase()
    if (name === '*') return undefined
    if (name !== '') names.add(name)
  }
  return names.size > MAX_VARY_NAMES ? undefined : [...names].sort()
}

const readCodings = memo(field => acceptedEncodings(parseAcceptEncoding(field)))

/** Accept-Encoding by what it means. What goes upstream is this form too, so the answer fits all who share it. */
export function codingsOf(headers: Headers): string {
  return readCodings(headers.list('accept-encoding') ?? '')
}

/** What tells the variants of one resource apart; long values (cookies) as their hash. */
export function variantSuffix(names: readonly string[], headers: Headers): string {
  let suffix = ''
  for (const name of names)
    suffix += `\n${name === 'accept-encoding' ? codingsOf(headers) : fieldValue(headers, name)}`
  return suffix.length > MAX_SUFFIX ? `\n#${hash('sha256', suffix, 'base64')}` : suffix
}

/** Section 4.1: fields match when they differ only in whitespace or in how lists are split. */
function fieldValue(headers: Headers, name: string): string {
  const value = headers.list(name)
  if (value === undefined) return '\0'
  return value.includes(',') ? value.replace(/[ \t]*,[ \t]*/g, ', ') : value
}
