// Fields that belong to one connection and must not travel on (RFC 9110 section 7.6.1).

const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
])

/** @param connection the message's Connection field, joined; undefined when absent */
export function isHopByHop(name: string, connection: string | undefined): boolean {
  if (HOP_BY_HOP.has(name)) return true
  return connection !== undefined && listsToken(connection, name)
}

/** Is `token` an element of the comma-separated list? Case-insensitive. */
export function listsToken(list: string, token: string): boolean {
  if (list.length < token.length) return false
  if (list.length === token.length) return list.toLowerCase() === token
  return list
    .toLowerCase()
    .split(',')
    .some(element => element.trim() === token)
}
