// Targeted fields (RFC 9213): directives for caches like this one, which then count instead of Cache-Control.
import type { Headers } from '../../lib/headers.ts'
import { memo } from '../../lib/memo.ts'
import { type Directive, type Directives, readDirectives } from './directives.ts'

/** Section 2.2: the first of them that can be read counts. The first is for Oriel alone. */
const TARGETS = ['oriel-cache-control', 'cdn-cache-control']

/** A dictionary (RFC 9651 section 3.2): keys, values and parameters. */
const KEY = '[a-z*][a-z0-9_.*-]*'
const BARE = `(?:-?\\d{1,12}\\.\\d{1,3}|@?-?\\d{1,15}|"(?:[\\x20\\x21\\x23-\\x5b\\x5d-\\x7e]|\\\\["\\\\])*"|[A-Za-z*][\\w!#$%&'*+.^\`|~:/-]*|:[A-Za-z0-9+/=]*:|\\?[01])`
const PARAMETERS = `(?:; *${KEY}(?:=${BARE})?)*`
const INNER = `\\( *(?:${BARE}${PARAMETERS}(?: +|(?=\\))))*\\)`
const MEMBER = new RegExp(
  `[ \\t]*(${KEY})(?:=(${BARE}|${INNER}))?${PARAMETERS}[ \\t]*(,(?=[ \\t]*[a-z*])|$)`,
  'y',
)

/** @returns undefined where there is none that can be read: then Cache-Control and Expires count */
export function targetedRules(headers: Headers): Directives | undefined {
  for (const name of TARGETS) {
    const field = headers.list(name)
    const rules = field === undefined ? undefined : parse(field)
    if (rules !== undefined) return rules
  }
  return undefined
}

/** Section 2.1: one that is empty or not well-formed is as good as absent. */
const parse: (field: string) => Directives | undefined = memo(field => {
  const text = field.trim()
  // RFC 9651 section 4.2.2: of a key that comes twice the last counts.
  const members = new Map<string, Directive>()
  for (let at = 0; at < text.length; at = MEMBER.lastIndex) {
    MEMBER.lastIndex = at
    const match = MEMBER.exec(text)
    if (match === null) return undefined
    const [, name, value] = match
    // ?0: it is said that the directive does not hold.
    if (value === '?0') members.delete(name!)
    else members.set(name!, directive(name!, value))
    if (MEMBER.lastIndex === at) break
  }
  return text === '' ? undefined : readDirectives(members.values())
})

function directive(name: string, value: string | undefined): Directive {
  if (value === undefined || value === '?1') return { name, argument: undefined, quoted: false }
  const quoted = value.startsWith('"')
  // A lifetime is an Integer: a String that looks like one is malformed, and so stale.
  if (quoted && /^"\d+"$/.test(value)) return { name, argument: value, quoted: false }
  return { name, argument: quoted ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value, quoted }
}
