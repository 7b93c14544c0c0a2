// Bytes that somebody sent, as text that can do no harm: for the log, never for the client.
import { isSecretName } from './redact.ts'

/** How much of what came is worth a line. */
const MAX_BYTES = 256
const SECRET_LINE =
  /((?:^|[\r\n])(?:authorization|proxy-authorization|cookie|set-cookie)[ \t\0]*:)[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*/gi
/** A query's name; one begins only behind a separator, so that the search is linear. */
const QUERY_NAME = /[?&;]([^?&;=\s]*)=/g
const UNSAFE = /[^\x20-\x5b\x5d-\x7e]/g
const SHORT: Record<string, string> = { '\r': '\\r', '\n': '\\n', '\t': '\\t', '\\': '\\\\' }

/**
 * Printable ASCII stays, every other byte becomes an escape; secrets are taken out first, as from a record.
 * @param latin1 one character for each byte
 */
export function escapeBytes(latin1: string): string {
  // Cut generously before searching and exactly after it: a secret that begins inside is taken out whole.
  const clean = withoutSecretValues(latin1.slice(0, MAX_BYTES * 16).replace(SECRET_LINE, '$1 [redacted]'))
  return clean.slice(0, MAX_BYTES).replace(UNSAFE, escapeByte)
}

function withoutSecretValues(text: string): string {
  let out = ''
  let from = 0
  for (const match of text.matchAll(QUERY_NAME)) {
    const value = match.index + match[0].length
    if (value <= from || !isSecretName(match[1]!)) continue
    out += `${text.slice(from, value)}[redacted]`
    from = endOfValue(text, value)
  }
  return out + text.slice(from)
}

function endOfValue(text: string, start: number): number {
  let end = start
  while (end < text.length && !'&; \t\r\n'.includes(text[end]!)) end++
  return end
}

function escapeByte(byte: string): string {
  return SHORT[byte] ?? `\\x${(byte.charCodeAt(0) & 0xff).toString(16).padStart(2, '0')}`
}
