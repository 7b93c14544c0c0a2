// What a request asks of a cache, read in one pass over its fields; and whether it may use one at all.
import type { Exchange } from '../../pipeline/exchange.ts'
import { type Directives, NO_DIRECTIVES, parseDirectives } from './directives.ts'
import type { Policy } from './policy.ts'

/** Why a request goes past the cache; `rule:…` is one of the route's own. */
export type Bypass =
  | ''
  | 'method'
  | 'upgrade'
  | 'request-body'
  | 'no-store'
  | 'precondition'
  | `rule:${string}`

/** Texts are '' where the field is absent. */
export interface Asked {
  bypass: Bypass
  rules: Directives
  authorized: boolean
  ifNoneMatch: string
  ifModifiedSince: string
  range: string
  ifRange: string
}

export function readRequest(x: Exchange, policy: Policy): Asked {
  const asked: Asked = {
    bypass: '',
    rules: NO_DIRECTIVES,
    authorized: false,
    ifNoneMatch: '',
    ifModifiedSince: '',
    range: '',
    ifRange: '',
  }
  const control = readFields(x.headers.flat, asked)
  if (control !== '') asked.rules = ownRules(control)
  if (x.method !== 'GET' && (x.method !== 'HEAD' || !policy.answersHead)) asked.bypass = 'method'
  else if (x.upgrade !== '') asked.bypass = 'upgrade'
  // RFC 9110 section 9.3.1: a body has no meaning in GET, so nothing that may depend on it is shared.
  else if (x.body !== null) asked.bypass = 'request-body'
  else if (asked.rules.noStore) asked.bypass = 'no-store'
  else if (asked.bypass === '') asked.bypass = policy.ruledOut(x) as Bypass
  return asked
}

/** Section 5.2.1 knows no qualified form: what looks like one is meant as the whole. */
function ownRules(control: string): Directives {
  const rules = parseDirectives(control)
  return rules.fields.length === 0 ? rules : { ...rules, noCache: true }
}

/** @returns Cache-Control, or what stands for it */
function readFields(flat: readonly string[], asked: Asked): string {
  let control = ''
  let pragma = ''
  for (let i = 0; i < flat.length; i += 2) {
    const name = flat[i]!
    const value = flat[i + 1]!
    // Most names are ruled out by their first letter.
    switch (name.charCodeAt(0)) {
      case 0x61:
        if (name === 'authorization') asked.authorized = true
        break
      case 0x63:
        if (name === 'cache-control') control = control === '' ? value : `${control}, ${value}`
        break
      case 0x69:
        readCondition(name, value, asked)
        break
      case 0x70:
        if (name === 'pragma') pragma = value
        break
      case 0x72:
        if (name === 'range') asked.range = value
    }
  }
  // RFC 9111 section 5.4: Pragma: no-cache counts where there is no Cache-Control.
  return control === '' && pragma.toLowerCase().includes('no-cache') ? 'no-cache' : control
}

function readCondition(name: string, value: string, asked: Asked): void {
  if (name === 'if-none-match') asked.ifNoneMatch += asked.ifNoneMatch === '' ? value : `, ${value}`
  else if (name === 'if-modified-since') asked.ifModifiedSince = value
  else if (name === 'if-range') asked.ifRange = value
  // RFC 9110 section 13.1.1: only the origin can tell whether these hold.
  else if (name === 'if-match' || name === 'if-unmodified-since') asked.bypass = 'precondition'
}
