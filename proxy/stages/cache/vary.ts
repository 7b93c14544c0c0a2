// The secondary key: which request fields a response was chosen by (RFC 9111 section 4.1).
import { hash } from 'node:crypto'
import { acceptedEncodings, parseAcceptEncoding } from '../../lib/accept-encoding.ts'
import type { Headers } from '../../lib/headers.ts'
import { memo } from '../../lib/memo.ts'

/** More names than this make a response as good as unique. */
export const MAX_VARY_NAMES = 16
const MAX_SUFFIX = 256
const TOKEN = /^[!#$%&'*+.^_`|~\w-]+$/
const COOKIE = 'cookie:'

/** @returns lower-case names in order; undefined for `*` in any company: such a response is never reused */
export function varyNames(field: string | undefined): readonly string[] | undefined {
  return field === undefined ? NONE : readNames(field)
}

const NONE: readonly string[] = []

const readNames: (field: string) => readonly string[] | undefined = memo(field => {
  const names = new Set<string>()
  for (const part of field.split(',')) {
    const name = part.trim().toLowerCase()
    // What is no name says nothing of what it varies by: as good as `*`.
    if (name !== '' && (name === '*' || !TOKEN.test(name))) return undefined
    if (name !== '') names.add(name)
  }
  return names.size > MAX_VARY_NAMES ? undefined : [...names].sort()
})

const readCodings = memo(field => acceptedEncodings(parseAcceptEncoding(field)))

/** Accept-Encoding by what it means. What goes upstream is this form too, so the answer fits all who share it. */
export function codingsOf(headers: Headers): string {
  return readCodings(headers.list('accept-encoding') ?? '')
}

/** What tells the variants of one resource apart; long values (cookies) as their hash. */
export function variantSuffix(names: readonly string[], headers: Headers): string {
  let suffix = ''
  for (const name of names) suffix += `\n${variantValue(name, headers)}`
  return suffix.length > MAX_SUFFIX ? `\n#${hash('sha256', suffix, 'base64')}` : suffix
}

function variantValue(name: string, headers: Headers): string {
  if (name === 'accept-encoding') return codingsOf(headers)
  return name.startsWith(COOKIE) ? cookieValue(headers, name.slice(COOKIE.length)) : fieldValue(headers, name)
}

/** All cookies of that name, in order: which of them a server takes is its own affair. */
function cookieValue(headers: Headers, name: string): string {
  let values = ''
  for (const field of headers.all('cookie'))
    for (const pair of field.split(';')) {
      const at = pair.indexOf('=')
      if ((at < 0 ? pair : pair.slice(0, at)).trim() === name)
        values += `\0${at < 0 ? '' : pair.slice(at + 1).trim()}`
    }
  return values
}

/** Section 4.1: fields match when they differ only in whitespace or in how lists are split. */
function fieldValue(headers: Headers, name: string): string {
  const value = headers.list(name)
  if (value === undefined) return '\0'
  return value.includes(',') ? value.replace(/[ \t]*,[ \t]*/g, ', ') : value
}
