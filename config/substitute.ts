// `${ENV}`, `${ENV:-default}` and `${file:/path}`, replaced inside parsed values so that positions stay true.

export interface Sources {
  env: Record<string, string | undefined>
  /** @throws when the file cannot be read */
  readFile(path: string): string
}

/**
 * References are masked before the YAML is read and unmasked in its values: braces and colons of a
 * reference cannot break the YAML, and its value cannot add keys or comments. A mask is exactly as
 * long as its reference: private-use characters for start, number, filling and end.
 */
const START = '\uE000'
const FILL = '\uE001'
const END = '\uE002'
const FIRST_NUMBER = 0xe100
const MAX_REFERENCES = 4096

const REFERENCE =
  /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}\r\n]*))?\}|\$\{file:([^}\r\n]+)\}|\$\{[^}\r\n]*\}?/g
const MASK = /\uE000([\uE100-\uF8FF])\uE001*\uE002/g

export interface Masked {
  text: string
  references: string[]
}

export function mask(text: string): Masked {
  const references: string[] = []
  const masked = text.replace(REFERENCE, reference => {
    // `$${` is how a literal `${` is written: nothing to mask, `unmask` shortens it.
    if (reference === '$${' || references.length === MAX_REFERENCES) return reference
    references.push(reference)
    const number = String.fromCharCode(FIRST_NUMBER + references.length - 1)
    return reference.length < 4 ? reference : START + number + FILL.repeat(reference.length - 3) + END
  })
  return { text: masked, references }
}

/** The text as it was written. */
export function restore(text: string, references: readonly string[]): string {
  return text.replace(
    MASK,
    (whole, number: string) => references[number.charCodeAt(0) - FIRST_NUMBER] ?? whole,
  )
}

export type Unmasked = { value: string; replaced: boolean } | { problem: string }

/** A value with its references replaced. */
export function unmask(text: string, references: readonly string[], sources: Sources): Unmasked {
  let problem: string | undefined
  let replaced = false
  const value = text.replace(MASK, (whole, number: string) => {
    const reference = references[number.charCodeAt(0) - FIRST_NUMBER]
    if (reference === undefined) return whole
    replaced = true
    const result = resolve(reference, sources)
    if (typeof result === 'string') return result
    problem ??= result.problem
    return ''
  })
  if (problem !== undefined) return { problem }
  return { value: value.replaceAll('$${', '${'), replaced }
}

function resolve(reference: string, { env, readFile }: Sources): string | { problem: string } {
  REFERENCE.lastIndex = 0
  const match = REFERENCE.exec(reference)
  const [, name, fallback, path] = match ?? []
  if (path !== undefined) {
    try {
      return readFile(path).replace(/\r?\n$/, '')
    } catch (error) {
      return { problem: `cannot read ${path}: ${(error as NodeJS.ErrnoException).code ?? String(error)}` }
    }
  }
  if (name === undefined)
    return { problem: `${reference} is no reference; write \${NAME}, \${NAME:-default} or \${file:/path}` }
  const value = env[name]
  // As in a shell, `:-` also replaces an empty value.
  if (fallback !== undefined) return value === undefined || value === '' ? fallback : value
  return (
    value ?? { problem: `environment variable ${name} is not set; \${${name}:-default} gives it a default` }
  )
}
