// The tags of a response: Cache-Tag, parted by commas, and Surrogate-Key, parted by spaces. For caches, not for clients.
import { Headers } from '../../../lib/headers.ts'

/** An upstream may name so many; those beyond are left out. */
const MAX_TAGS = 64
/** Characters; longer ones are left out. */
const MAX_TAG_LENGTH = 128

const NONE: readonly string[] = []

/** Fields that end here. */
export const TAG_FIELDS = ['cache-tag', 'surrogate-key'] as const

export function isTag(text: string): boolean {
  return text.length > 0 && text.length <= MAX_TAG_LENGTH && /^[\x21-\x2b\x2d-\x7e]+$/.test(text)
}

/** @param flat name, value, name, value …; the tags are pieces of it */
export function tagsOf(flat: readonly string[]): readonly string[] {
  if (flat.length === 0) return NONE
  const fields = new Headers([...flat])
  const list = fields.list('cache-tag')
  const words = fields.list('surrogate-key')
  if (list === undefined && words === undefined) return NONE
  const found = new Set<string>()
  for (const text of [...(list?.split(',') ?? []), ...(words?.split(/[\s,]+/) ?? [])]) {
    const tag = text.trim()
    if (isTag(tag)) found.add(tag)
    if (found.size >= MAX_TAGS) break
  }
  return [...found]
}
