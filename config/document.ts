// YAML text → plain value, with the way back from a path in the value to its line and column.
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parseDocument,
  visit,
} from 'yaml'
import type { Problem } from './problems.ts'
import { mask, restore, type Sources, unmask } from './substitute.ts'

/** Aliases multiply: a kilobyte of them can stand for gigabytes. */
const MAX_ALIASES = 100
const MAX_DEPTH = 64
/** Columns. */
const MAX_INDENT = 200

export type Path = readonly PropertyKey[]

export interface ConfigDocument {
  value: unknown
  problems: Problem[]
  /** Where the value at this path begins; of a missing one, where its parent does. */
  locate(path: Path, part: 'key' | 'value'): { line: number; column: number }
}

export function readDocument(text: string, sources: Sources): ConfigDocument {
  const lines = new LineCounter()
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }
  const problems: Problem[] = []
  const report = (offset: number, message: string) => problems.push({ ...at(offset), message })
  const masked = mask(text)
  if (tooDeep(masked.text)) {
    return {
      value: undefined,
      problems: [{ line: 1, column: 1, message: `nested deeper than ${MAX_DEPTH} levels` }],
      locate: () => ({ line: 1, column: 1 }),
    }
  }
  const document = parseDocument(masked.text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false })
  for (const { offset, message } of yamlProblems(document, text))
    report(offset, restore(message, masked.references))
  if (problems.length === 0) substituteIn(document, masked.references, sources, report)
  if (problems.length === 0) refuseDuplicates(document, report, offset => at(offset).line)
  const value = problems.length === 0 ? toValue(document, report) : undefined
  return { value, problems, locate: (path, part) => at(offsetOf(document, path, part)) }
}

/** Counted before parsing, because the parser is recursive. Brackets, dashes and indentation are all that nests. */
function tooDeep(text: string): boolean {
  let depth = 0
  for (const char of text) {
    if (char === '[' || char === '{') depth++
    else if (char === ']' || char === '}') depth = Math.max(0, depth - 1)
    if (depth > MAX_DEPTH) return true
  }
  return text.split('\n').some(line => {
    const prefix = /^[ ?-]*/.exec(line)![0]
    const indicators = prefix.split(/[-?] /).length - 1
    return indicators > MAX_DEPTH || prefix.length - 2 * indicators > MAX_INDENT
  })
}

function yamlProblems(document: Document, text: string): { offset: number; message: string }[] {
  const errors = [...document.errors, ...document.warnings]
  const star = errors.length > 0 ? /^ *(?<key>\*(?:[./]\S*)?):(?=\s|$)/m.exec(text) : null
  if (star !== null) {
    const key = star.groups!.key!
    const offset = star.index + star[0].indexOf('*')
    return [{ offset, message: `YAML takes a leading * for an alias; put it in quotes: "${key}"` }]
  }
  return errors.map(error => ({
    offset: error.pos[0],
    message: error.message.charAt(0).toLowerCase() + error.message.slice(1),
  }))
}

type Report = (offset: number, message: string) => void

function substituteIn(
  document: Document,
  references: readonly string[],
  sources: Sources,
  report: Report,
): void {
  visit(document, {
    Scalar(_key, node) {
      if (typeof node.value !== 'string') return
      const result = unmask(node.value, references, sources)
      if ('problem' in result) report(node.range?.[0] ?? 0, result.problem)
      else node.value = result.replaced && node.type === 'PLAIN' ? typed(result.value) : result.value
    },
  })
}

/** An unquoted reference may stand for a number or a truth value, as plain YAML would. */
function typed(text: string): string | number | boolean {
  if (/^(?:true|false)$/.test(text)) return text === 'true'
  return /^-?\d{1,15}$/.test(text) ? Number(text) : text
}

function refuseDuplicates(document: Document, report: Report, lineOf: (offset: number) => number): void {
  visit(document, {
    Map(_key, map) {
      const seen = new Map<string, number>()
      for (const pair of map.items) {
        const key = keyOf(pair)
        const offset = startOf(pair.key)
        const first = seen.get(key)
        if (first !== undefined) report(offset, `"${key}" is written twice, first on line ${lineOf(first)}`)
        else seen.set(key, offset)
      }
    },
  })
}

function toValue(document: Document, report: Report): unknown {
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES })
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    report(0, /alias count/i.test(message) ? `more than ${MAX_ALIASES} aliases when expanded` : message)
    return undefined
  }
}

const keyOf = (pair: Pair): string => String(isScalar(pair.key) ? pair.key.value : pair.key)
const startOf = (node: unknown): number => (isNode(node) ? (node.range?.[0] ?? 0) : 0)

function offsetOf(document: Document, path: Path, part: 'key' | 'value'): number {
  let node: unknown = document.contents
  let offset = startOf(node)
  for (const [index, segment] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document)
    if (isMap(node)) {
      const pair = node.items.find(it => keyOf(it) === String(segment))
      if (pair === undefined) return offset
      const wantsKey = part === 'key' && index === path.length - 1
      offset = startOf(wantsKey || !isWritten(pair.value) ? pair.key : pair.value)
      node = pair.value
    } else if (isSeq(node)) {
      node = node.items[Number(segment)]
      if (node === undefined) return offset
      offset = startOf(node)
    } else {
      return offset
    }
  }
  return offset
}

/** `key:` alone has an empty value without a place of its own. */
const isWritten = (node: unknown): boolean => isNode(node) && (node.range?.[1] ?? 0) > (node.range?.[0] ?? 0)
