// Which fields have no place behind a body: whoever merged them into the head would read another message.
import { passesFor } from './twin.ts'

/** What a field is for that may not come late (RFC 9110 section 6.5.1), by purpose. */
const BARRED: readonly [purpose: string, names: string][] = [
  ['frames the message', 'content-length transfer-encoding trailer te'],
  [
    'belongs to one connection',
    'connection keep-alive proxy-connection upgrade http2-settings proxy-authenticate',
  ],
  ['decides where a request goes', 'host max-forwards via'],
  [
    'says whom a request is from',
    'forwarded x-real-ip x-request-id traceparent tracestate authorization proxy-authorization cookie set-cookie www-authenticate',
  ],
  [
    'changes what a request asks for',
    'expect range if-match if-none-match if-modified-since if-unmodified-since if-range cache-control pragma accept accept-charset accept-encoding accept-language',
  ],
  ['says how to read the body', 'content-encoding content-type content-range'],
  ['controls how a response is used', 'age date expires location retry-after vary warning'],
]

const purposes = new Map<string, string>()
for (const [purpose, names] of BARRED) for (const name of names.split(' ')) purposes.set(name, purpose)

const FRAMING: ReadonlySet<string> = new Set(BARRED.slice(0, 2).flatMap(([, names]) => names.split(' ')))

/** Of one connection or of one message's frame: in HTTP/2 it would be an error (RFC 9113 section 8.2.2). */
export function framesMessage(name: string): boolean {
  return FRAMING.has(name)
}

/**
 * @param name lower-case
 * @returns what the field does that it cannot do behind a body, or '' for a field that may stand there
 */
export function barredTrailer(name: string): string {
  const read = passesFor(name)
  if (read.startsWith('x-forwarded-')) return 'says whom a request is from'
  return purposes.get(read) ?? ''
}
