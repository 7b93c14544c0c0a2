// The Cache-Status field (RFC 9211): what the cache did, for whoever debugs with curl.

/** RFC 9211 section 2.2: why the request went on. */
export type Forwarded = 'bypass' | 'method' | 'uri-miss' | 'vary-miss' | 'request' | 'stale'

export interface StatusDetail {
  /** Section 2.3: the upstream's status where it is not the client's; 0: the same. */
  fwdStatus?: number
  /** Section 2.4, seconds. */
  ttlS?: number
  stored?: boolean
  /** Section 2.6: another request's fetch brought the answer. */
  collapsed?: boolean
  detail?: string
}

export function hit(ttlS: number): string {
  return `oriel; hit; ttl=${ttlS}`
}

export function forwarded(why: Forwarded, given: StatusDetail = {}): string {
  let text = `oriel; fwd=${why}`
  if (given.fwdStatus) text += `; fwd-status=${given.fwdStatus}`
  if (given.ttlS !== undefined) text += `; ttl=${given.ttlS}`
  if (given.stored) text += '; stored'
  if (given.collapsed) text += '; collapsed'
  return given.detail ? `${text}; detail=${given.detail}` : text
}
