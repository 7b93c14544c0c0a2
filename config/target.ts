// Config type: one upstream address. `3000`, `localhost:3000`, `http://h:p`, `https://h`, `h2c://h:p`, `h2://h`.
import { z } from 'zod'
import type { Target } from './schema.ts'

const EXPECTED = 'expected a target such as 3000, localhost:3000 or https://example.org'
const DEFAULT_PORTS = { http: 80, https: 443, h2c: 80, h2: 443 } as const
const FORM =
  /^(?:(https?|h2c?):\/\/)?(\[[0-9a-f:.]+\]|[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?)?(?::(\d{1,5}))?(\/.*)?$/i

/** @returns what is wrong, as a string */
export function parseTarget(text: string): Target | string {
  const match = FORM.exec(/^\d+$/.test(text) ? `localhost:${text}` : text)
  if (match === null || match[2] === undefined) return EXPECTED
  if (match[4] !== undefined && match[4] !== '/')
    return 'a target has no path: it gets the path that the client asked for'
  if (match[1] === undefined && match[3] === undefined)
    return `which port? write ${text}:3000 or http://${text}`
  const protocol = (match[1]?.toLowerCase() ?? 'http') as Target['protocol']
  const port = match[3] === undefined ? DEFAULT_PORTS[protocol] : Number(match[3])
  if (port < 1 || port > 65_535) return 'a port is a number from 1 to 65535'
  const host = match[2].toLowerCase()
  return { name: `${host}:${port}`, protocol, host: host.replace(/^\[|\]$/g, ''), port }
}

/** Config type: a target. */
export const target = () =>
  z.union([z.string(), z.int()], { error: EXPECTED }).transform((value, context): Target => {
    const parsed = parseTarget(String(value))
    if (typeof parsed !== 'string') return parsed
    context.addIssue({ code: 'custom', message: parsed })
    return z.NEVER
  })
