// Config type: where a listener binds. `:80`, `80`, `127.0.0.1:8080`, `localhost:8080`, `[::1]:80`.
import { isIP } from 'node:net'
import { z } from 'zod'
import type { ListenAddress } from './schema.ts'

const EXPECTED = 'expected an address such as :80, 127.0.0.1:8080 or [::1]:8080'
const FORM = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]*)):(\d{1,5})$/

/** @returns undefined when the text is not a listen address */
export function parseListenAddress(text: string): ListenAddress | undefined {
  const match = FORM.exec(/^\d+$/.test(text) ? `:${text}` : text)
  if (match === null) return undefined
  const port = Number(match[3])
  if (port > 65_535) return undefined
  if (match[1] !== undefined) return isIP(match[1]) === 6 ? { host: match[1], port } : undefined
  const host = match[2] === '*' ? '' : match[2] === 'localhost' ? '127.0.0.1' : match[2]!
  return host === '' || isIP(host) === 4 ? { host, port } : undefined
}

/** Config type: a listen address; a bare port listens on every address. */
export const listenAddress = () =>
  z
    .union([z.string().meta({ examples: [':80', '127.0.0.1:8080', '[::1]:80'] }), z.int()], {
      error: EXPECTED,
    })
    .transform((value, context): ListenAddress => {
      const address = parseListenAddress(String(value))
      if (address !== undefined) return address
      context.addIssue({ code: 'custom', message: EXPECTED })
      return z.NEVER
    })
