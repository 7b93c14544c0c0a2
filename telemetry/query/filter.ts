// The filter language: `route:shop status:5xx duration:>250ms -cache:hit "free text"` as a list of terms, all of which must hold.
import { FILTER_FIELDS, parseValues, type TermBody } from './filter-values.ts'
import { QueryError } from './query-error.ts'

export type Term = TermBody & {
  negated: boolean
  /** Where the term begins in the text, from 0. */
  position: number
}

const MAX_LENGTH = 2000
const MAX_TERMS = 50

interface Token {
  text: string
  /** The part after the field's colon was quoted, or the whole word was. */
  quoted: boolean
  field: string
  negated: boolean
  position: number
}

/** @throws QueryError 422 with the position of what is wrong */
export function parseFilter(text: string): Term[] {
  if (text.length > MAX_LENGTH)
    throw new QueryError(422, `a filter may have ${MAX_LENGTH} characters`, MAX_LENGTH)
  const terms = tokenize(text).map(toTerm)
  if (terms.length > MAX_TERMS) throw new QueryError(422, `a filter may have ${MAX_TERMS} terms`, 0)
  return terms
}

const TOKEN = /(-?)(?:([a-z]+):)?(?:"((?:[^"\\]|\\.)*)("?)|(\S*))/giy

function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  while (at < text.length) {
    if (/\s/.test(text[at]!)) {
      at++
      continue
    }
    TOKEN.lastIndex = at
    const match = TOKEN.exec(text)!
    const [whole, minus, field = '', quotedText, closing, bare = ''] = match
    if (quotedText !== undefined && closing === '')
      throw new QueryError(422, 'a quotation mark is not closed', at)
    const quoted = quotedText !== undefined
    tokens.push({
      text: quoted ? quotedText.replace(/\\(.)/g, '$1') : bare,
      quoted,
      field: field.toLowerCase(),
      negated: minus === '-',
      position: at,
    })
    at += Math.max(1, whole.length)
  }
  return tokens
}

function toTerm(token: Token): Term {
  const { negated, position } = token
  const valueAt = position + (negated ? 1 : 0) + (token.field === '' ? 0 : token.field.length + 1)
  if (token.text === '') throw new QueryError(422, 'a value is missing', valueAt)
  if (token.field === '') return { kind: 'text', text: token.text.toLowerCase(), negated, position }
  if (!FILTER_FIELDS.includes(token.field)) {
    const known = `${FILTER_FIELDS.join(', ')}; put the text in quotation marks to search for it`
    throw new QueryError(422, `there is no field "${token.field}". Known: ${known}`, position)
  }
  const values = token.quoted ? [token.text] : token.text.split(',')
  const body = parseValues(token.field, values)
  if ('problem' in body) throw new QueryError(422, body.problem, valueAt)
  return { ...body, negated, position }
}
