// Secrets do not leave the worker: which fields and query values a record shows only as taken out.

const SECRET_FIELDS = new Set(['authorization', 'proxy-authorization', 'cookie', 'set-cookie'])
const SECRET_NAME = /token|key|secret|password|code|signature/i
/** A name begins only behind a separator: a long query without one is searched once, not at every byte. */
const PAIR = /(^|[&;])([^=&;]*)=([^&;]+)/g
const MAX_VALUE = 1024
const MAX_FIELDS = 100

/** Values cut to 1 KiB, at most 100 fields. */
export function redactHeaders(flat: readonly string[]): string[] {
  const out: string[] = []
  const end = Math.min(flat.length, MAX_FIELDS * 2)
  for (let i = 0; i < end; i += 2) {
    const name = flat[i]!
    const value = flat[i + 1]!
    out.push(name, SECRET_FIELDS.has(name) ? '[redacted]' : cut(redactUrls(name, value)))
  }
  return out
}

/** A query value of this name is a secret. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name)
}

/** Values of names that hold token, key, secret, password, code or signature are taken out. */
export function redactQuery(query: string): string {
  if (query === '') return ''
  return query.replace(PAIR, (pair, separator: string, name: string) =>
    isSecretName(name) ? `${separator}${name}=[redacted]` : pair,
  )
}

function redactUrls(name: string, value: string): string {
  if (name !== 'referer' && name !== 'location') return value
  const mark = value.indexOf('?')
  return mark < 0 ? value : value.slice(0, mark + 1) + redactQuery(value.slice(mark + 1))
}

function cut(value: string): string {
  return value.length <= MAX_VALUE ? value : `${value.slice(0, MAX_VALUE)}…`
}
