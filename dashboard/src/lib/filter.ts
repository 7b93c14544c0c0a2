// The filter as chips: cutting `route:shop -status:5xx "free text"` into parts, and adding and removing them.

export interface Chip {
  negated: boolean
  /** '' for free text. */
  field: string
  value: string
  /** Stands in quotation marks: one value, whatever is in it. Without, commas part alternatives. */
  quoted?: boolean
}

/** A chip for a value that was seen: quoted when it holds what the language would read otherwise. */
export function chipOf(field: string, value: string, negated = false): Chip {
  return { negated, field, value, quoted: /[\s,"]/.test(value) }
}

/** What the filter language knows, with the words that teach it. */
export const FIELDS: readonly { field: string; hint: string }[] = [
  { field: 'route', hint: 'route:shop.localhost/api/*' },
  { field: 'status', hint: 'status:5xx, 404, >=400' },
  { field: 'method', hint: 'method:POST' },
  { field: 'host', hint: 'host:shop.localhost' },
  { field: 'path', hint: 'path:/api/*' },
  { field: 'upstream', hint: 'upstream:127.0.0.1:4001' },
  { field: 'duration', hint: 'duration:>250ms' },
  { field: 'cache', hint: 'cache:hit' },
  { field: 'client', hint: 'client:127.0.0.1' },
  { field: 'error', hint: 'error:connection_refused' },
  { field: 'is', hint: 'is:failed, cached, limited, retried, aborted' },
  { field: 'trace', hint: 'trace: and its 32 digits' },
  { field: 'ua', hint: 'ua:firefox' },
  { field: 'protocol', hint: 'protocol:2' },
  { field: 'grpc', hint: 'grpc:unavailable, >0, *' },
  { field: 'reject', hint: 'reject:cl_te, *' },
]

/** Cuts at blanks outside double quotes (`\\"` does not end one). An unclosed quote runs to the end. */
export function splitFilter(q: string): string[] {
  const parts: string[] = []
  let part = ''
  let quoted = false
  for (let i = 0; i < q.length; i++) {
    const char = q[i]!
    if (quoted && char === '\\') {
      part += char + (q[++i] ?? '')
      continue
    }
    if (char === '"') quoted = !quoted
    if (!quoted && /\s/.test(char)) {
      if (part !== '') parts.push(part)
      part = ''
    } else part += char
  }
  if (part !== '') parts.push(quoted ? `${part}"` : part)
  return parts
}

export function parseChip(text: string): Chip {
  const match = /^(-?)(?:([a-z]+):)?(.*)$/is.exec(text)
  const [, minus = '', field = '', rest = ''] = match ?? []
  const quoted = rest.length > 1 && rest.startsWith('"') && rest.endsWith('"')
  const value = quoted ? rest.slice(1, -1).replace(/\\(.)/g, '$1') : rest
  return { negated: minus === '-', field: field.toLowerCase(), value, quoted }
}

export function formatChip(chip: Chip): string {
  const value = chip.quoted === true ? `"${chip.value.replace(/["\\]/g, '\\$&')}"` : chip.value
  return `${chip.negated ? '-' : ''}${chip.field === '' ? '' : `${chip.field}:`}${value}`
}

export function parseFilter(q: string): Chip[] {
  return splitFilter(q)
    .map(parseChip)
    .filter(chip => chip.value !== '' || chip.field !== '')
}

export function formatFilter(chips: readonly Chip[]): string {
  return chips.map(formatChip).join(' ')
}

/** Fields of which one request can match several values: free text and flags. */
const ADDITIVE = new Set(['', 'is'])

const same = (a: Chip, b: Chip) => a.field === b.field && a.value === b.value

/**
 * What a click on a value does. The same chip again: taken away. Its opposite: turned round. Another
 * value of the same field: replaced, since no request has two; but exclusions add up.
 */
export function toggleChip(q: string, chip: Chip): string {
  const chips = parseFilter(q)
  if (chips.some(each => same(each, chip) && each.negated === chip.negated)) {
    return formatFilter(chips.filter(each => !(same(each, chip) && each.negated === chip.negated)))
  }
  const adds = chip.negated || ADDITIVE.has(chip.field)
  const rest = chips.filter(each => {
    if (same(each, chip)) return false
    return adds || each.negated || each.field !== chip.field
  })
  return formatFilter([...rest, chip])
}

/** The chip at `index`, rewritten from what was typed; empty text removes it. */
export function replaceChip(q: string, index: number, text: string): string {
  const chips = parseFilter(q)
  chips.splice(index, 1, ...parseFilter(text))
  return formatFilter(chips)
}

export function removeChip(q: string, index: number): string {
  return formatFilter(parseFilter(q).filter((_, i) => i !== index))
}

/** Like a click on each of them in turn, but never taking one away. */
export function addChips(q: string, chips: readonly Chip[]): string {
  let next = q
  for (const chip of chips)
    if (!parseFilter(next).some(each => same(each, chip) && each.negated === chip.negated))
      next = toggleChip(next, chip)
  return next
}

export function hasChip(q: string, field: string, value: string): boolean {
  return parseFilter(q).some(chip => !chip.negated && chip.field === field && chip.value === value)
}

/** What could follow the text being typed: fields, then the values known for a field. */
export function suggest(text: string, facets: ReadonlyMap<string, readonly string[]>): string[] {
  const minus = text.startsWith('-') ? '-' : ''
  const body = text.slice(minus.length)
  const colon = body.indexOf(':')
  if (colon === -1) {
    return FIELDS.filter(({ field }) => field.startsWith(body.toLowerCase())).map(
      ({ field }) => `${minus}${field}:`,
    )
  }
  const field = body.slice(0, colon).toLowerCase()
  const typed = body
    .slice(colon + 1)
    .replaceAll('"', '')
    .toLowerCase()
  const values = facets.get(field) ?? []
  return values
    .filter(value => value.toLowerCase().includes(typed) && value.toLowerCase() !== typed)
    .slice(0, 8)
    .map(value => formatChip(chipOf(field, value, minus === '-')))
}
