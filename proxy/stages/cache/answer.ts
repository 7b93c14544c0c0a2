// From an entry to an answer: whole, not modified, or a part; the same for a hit and after a revalidation.
import type { Headers } from '../../lib/headers.ts'
import { Reply } from '../../pipeline/reply.ts'
import { isSameForRange, isUnchanged, notModifiedHead } from './conditional.ts'
import type { Entry } from './entry.ts'
import { multipart } from './multipart.ts'
import { readRanges } from './range.ts'
import type { Asked } from './request.ts'

/** @param status Cache-Status; a hit's where not given */
export function answerFrom(
  entry: Entry,
  asked: Asked,
  method: string,
  nowMs: number,
  status?: string,
): Reply {
  const headers = entry.fields(nowMs, status)
  // RFC 9110 section 13.2.1: conditions count only where the answer would be 2xx.
  if ((asked.ifNoneMatch !== '' || asked.ifModifiedSince !== '') && entry.status < 300) {
    if (isUnchanged(entry, asked.ifNoneMatch, asked.ifModifiedSince))
      return new Reply(304, notModifiedHead(headers.flat))
  }
  // Section 14.2: Range is defined for GET.
  if (asked.range !== '' && method === 'GET' && entry.status === 200) {
    const part = partOf(entry, asked, headers)
    if (part !== undefined) return part
  }
  if (method === 'HEAD') return new Reply(entry.status, headers)
  const text = entry.bodyText
  return text === null
    ? new Reply(entry.status, headers, entry.body)
    : Reply.ofText(entry.status, headers, text)
}

function partOf(entry: Entry, asked: Asked, headers: Headers): Reply | undefined {
  if (asked.ifRange !== '' && !isSameForRange(entry, asked.ifRange)) return undefined
  const { body } = entry
  const ranges = readRanges(asked.range, body.length)
  if (ranges === undefined) return undefined
  if (ranges === 'unsatisfiable') {
    // Section 15.5.17.
    headers.set('content-range', `bytes */${body.length}`)
    headers.set('content-length', '0')
    return new Reply(416, headers)
  }
  if (ranges.length > 1) {
    const parts = multipart(body, ranges, headers.get('content-type') ?? '')
    headers.set('content-type', parts.contentType)
    headers.set('content-length', String(parts.body.length))
    return new Reply(206, headers, parts.body)
  }
  const { first, last } = ranges[0]!
  headers.set('content-range', `bytes ${first}-${last}/${body.length}`)
  headers.set('content-length', String(last - first + 1))
  return new Reply(206, headers, body.subarray(first, last + 1))
}

/** Makes `reply` say what `other` says; its own body is released first. */
export function replaceReply(reply: Reply, other: Reply): void {
  reply.discard()
  reply.status = other.status
  reply.headers = other.headers
  reply.body = other.body
}
