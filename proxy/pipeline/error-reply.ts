// Oriel's own answers: small pages that tell the client what it may know, and never echo its input.
import { grpcMessage, grpcStatusOf, isGrpc } from '../lib/grpc.ts'
import { Headers } from '../lib/headers.ts'
import type { ProxyError } from './errors.ts'
import type { Exchange } from './exchange.ts'
import { Reply } from './reply.ts'

const TITLES: Record<number, string> = {
  400: 'Bad request',
  403: 'Forbidden',
  404: 'Not found',
  405: 'Method not allowed',
  408: 'Request timeout',
  413: 'Content too large',
  414: 'URI too long',
  417: 'Expectation failed',
  421: 'Misdirected request',
  426: 'Upgrade required',
  429: 'Too many requests',
  431: 'Header fields too large',
  500: 'Internal error',
  501: 'Not implemented',
  502: 'Bad gateway',
  503: 'Service unavailable',
  504: 'Gateway timeout',
  505: 'HTTP version not supported',
  508: 'Loop detected',
}

/** An answer of our own: plain text or a small page, as the client accepts; a gRPC client hears it its way. */
export function plainReply(x: Exchange | null, status: number, detail: string): Reply {
  const title = TITLES[status] ?? 'Error'
  const id = x?.requestId ?? ''
  if (x !== null && x.protocol === '2' && isGrpc(x.headers)) return grpcReply(status, detail || title, id)
  const html = x?.headers.get('accept')?.includes('text/html') ?? false
  const body = Buffer.from(html ? page(status, title, detail, id) : text(status, title, detail, id))
  const headers = Headers.of({
    'content-type': html ? 'text/html; charset=utf-8' : 'text/plain; charset=utf-8',
    'content-length': String(body.length),
    'cache-control': 'no-store',
  })
  return new Reply(status, headers, body)
}

/** The page for a failure. 5xx carry Proxy-Status (RFC 9209) with the type and no topology. */
export function errorReply(x: Exchange, error: ProxyError): Reply {
  const reply = plainReply(x, error.status, error.status < 500 ? error.message : '')
  if (error.status >= 500) reply.headers.append('proxy-status', `oriel; error=${error.type}`)
  if (error.status === 503) reply.headers.append('retry-after', '1')
  return reply
}

/**
 * A gRPC client reads grpc-status, and takes any HTTP status but 200 for a fault of the way there. So it gets the
 * whole answer in one head ("Trailers-Only" in gRPC over HTTP/2).
 */
function grpcReply(status: number, detail: string, id: string): Reply {
  const message = id === '' ? detail : `${detail} (request ${id})`
  const headers = Headers.of({
    'content-type': 'application/grpc',
    'grpc-status': String(grpcStatusOf(status)),
    'grpc-message': grpcMessage(message),
  })
  return new Reply(200, headers)
}

function text(status: number, title: string, detail: string, id: string): string {
  return `${status} ${title}\n${detail ? `${detail}\n` : ''}${id ? `request ${id}\n` : ''}`
}

function page(status: number, title: string, detail: string, id: string): string {
  return (
    `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
    `<title>${status} ${title}</title><style>body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;` +
    `margin:20vh auto;padding:0 1.5rem;color-scheme:light dark}small{opacity:.6}</style>` +
    `<h1>${status} ${title}</h1>${detail ? `<p>${escapeHtml(detail)}</p>` : ''}` +
    `${id ? `<p><small>request ${escapeHtml(id)}</small></p>` : ''}</html>\n`
  )
}

function escapeHtml(value: string): string {
  return value.replace(/[&<>"']/g, c => `&#${c.charCodeAt(0)};`)
}
