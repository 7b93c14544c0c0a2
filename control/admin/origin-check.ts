// Whether a request was made by the dashboard or a program, not by a page of somebody else.

/** Reads the header of that name, undefined without it. */
type Header = (name: string) => string | undefined

/**
 * @returns '' when it may go on, else why not
 *
 * A browser sends `Origin` and `Sec-Fetch-Site` by itself and no page can change them. The header
 * `X-Oriel-Request` and the content type cannot be sent across origins without asking first (Fetch standard,
 * "CORS-safelisted request-header"), and that question is never answered here.
 */
export function foreignOrigin(method: string, header: Header): string {
  const origin = header('origin')
  if (origin !== undefined && !sameHost(origin, header('host'))) return 'this request comes from another site'
  if (method === 'GET' || method === 'HEAD') return ''
  const site = header('sec-fetch-site') ?? 'none'
  if (site !== 'same-origin' && site !== 'none') return 'this request comes from another site'
  const bearer = /^bearer /i.test(header('authorization') ?? '')
  if (!bearer && header('x-oriel-request') !== '1') return 'the header X-Oriel-Request: 1 is missing'
  if (hasBody(header) || !bearer) return jsonOnly(header('content-type'))
  return ''
}

function sameHost(origin: string, host: string | undefined): boolean {
  if (!URL.canParse(origin)) return false
  const { protocol, host: theirs } = new URL(origin)
  // The protocol decides which port may be left out; the answer is the same for `Host: x` and `Host: x:80`.
  const own = `${protocol}//${host ?? ''}`
  return /^https?:$/.test(protocol) && URL.canParse(own) && new URL(own).host === theirs
}

const hasBody = (header: Header): boolean =>
  header('transfer-encoding') !== undefined || Number(header('content-length') ?? 0) > 0

function jsonOnly(type: string | undefined): string {
  const media = (type ?? '').split(';')[0]!.trim().toLowerCase()
  return media === 'application/json' ? '' : 'the content type must be application/json'
}
