// Zod's issues → problems: one per mistake, in plain words, with the nearest known key.
import type { z } from 'zod'
import type { ConfigDocument, Path } from './document.ts'
import { nearest, type Problem } from './problems.ts'

type Issue = z.core.$ZodIssue

/** @param knownKeys the keys that may stand at a path */
export function toProblems(
  issues: readonly Issue[],
  document: ConfigDocument,
  knownKeys: (path: Path) => string[],
): Problem[] {
  return issues
    .flatMap(issue => flatten(issue, []))
    .flatMap(({ issue, path }) => {
      if (issue.code === 'unrecognized_keys') {
        return issue.keys.map(key => ({
          ...document.locate([...path, key], 'key'),
          message: unknownKey(key, knownKeys(path)),
        }))
      }
      const missing = path.length > 0 && valueAt(document.value, path) === undefined
      const message = missing ? `"${String(path.at(-1))}" is missing` : messageOf(issue)
      return [{ ...document.locate(path, 'value'), message }]
    })
}

function unknownKey(key: string, known: readonly string[]): string {
  const meant = nearest(key, known)
  if (meant !== undefined) return `unknown key "${key}", did you mean "${meant}"?`
  return known.length === 0 ? `unknown key "${key}"` : `unknown key "${key}"; known here: ${known.join(', ')}`
}

interface Placed {
  issue: Issue
  path: PropertyKey[]
}

/** Of a union's branches only the one that fits the value's shape has something useful to say. */
function flatten(issue: Issue, prefix: readonly PropertyKey[]): Placed[] {
  const path = [...prefix, ...issue.path]
  if (issue.code !== 'invalid_union') return [{ issue, path }]
  const shaped = issue.errors.filter(branch => branch.length > 0 && branch.every(it => !isWrongShape(it)))
  const best = shaped.toSorted((a, b) => a.length - b.length)[0]
  if (best !== undefined) return best.flatMap(it => flatten(it, path))
  const nested = issue.errors.flat().filter(it => it.code === 'invalid_union' && it.path.length === 0)
  const inner = nested
    .map(it => flatten(it, path))
    .find(list => list.some(it => it.issue.code !== 'invalid_union'))
  return inner ?? [{ issue, path }]
}

const isWrongShape = (issue: Issue): boolean =>
  issue.path.length === 0 && ['invalid_type', 'invalid_union', 'invalid_value'].includes(issue.code)

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (it, segment) => (it as Record<PropertyKey, unknown> | undefined)?.[segment],
    value,
  )
}

function messageOf(issue: Issue): string {
  const written = issue.message.replace(/^(?:Invalid input|Invalid option): /, '')
  if (issue.code === 'invalid_union' && issue.message === 'Invalid input') {
    const shapes = issue.errors.flat().flatMap(it => (it.path.length === 0 ? [messageOf(it)] : []))
    return [...new Set(shapes)].join(', or ') || 'not allowed here'
  }
  return written.charAt(0).toLowerCase() + written.slice(1)
}
