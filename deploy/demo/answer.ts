// What a page of the demo shop returns, and how it goes out: validators, 304, HEAD and the staged mid-body cut.
import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'

export interface Answer {
  status: number
  type: string
  /** The Cache-Control field. */
  cache: string
  body: string
  /** Gives the answer an ETag and honours If-None-Match. */
  validator?: boolean
  headers?: Record<string, string>
}

function entityTag(body: string): string {
  return `"${createHash('sha1').update(body).digest('base64url').slice(0, 16)}"`
}

/** RFC 9110 section 13.1.2: If-None-Match compares weakly, and `*` matches anything that exists. */
function matches(field: string | undefined, tag: string): boolean {
  if (field === undefined) return false
  if (field.trim() === '*') return true
  return field.split(',').some(item => item.trim().replace(/^W\//, '') === tag)
}

export function sendAnswer(req: IncomingMessage, res: ServerResponse, answer: Answer, cut = false): void {
  const body = Buffer.from(answer.body)
  const headers: Record<string, string | number> = { 'cache-control': answer.cache, ...answer.headers }
  if (answer.validator && answer.status === 200) {
    const tag = entityTag(answer.body)
    headers.etag = tag
    if (matches(req.headers['if-none-match'], tag)) {
      res.writeHead(304, headers).end()
      return
    }
  }
  headers['content-type'] = answer.type
  headers['content-length'] = body.length
  res.writeHead(answer.status, headers)
  if (req.method === 'HEAD') {
    res.end()
  } else if (cut) {
    // The head promised the whole length, so a client can tell that it got half.
    res.write(body.subarray(0, body.length >> 1), () => res.socket?.destroy())
  } else {
    res.end(body)
  }
}
