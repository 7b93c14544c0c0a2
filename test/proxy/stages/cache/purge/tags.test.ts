// Tags of responses: what an origin writes is bounded, and what is no tag is left out instead of matching something.
import { expect, test } from 'vitest'
import { Headers } from '../../../../../proxy/lib/headers.ts'
import { tagsOf } from '../../../../../proxy/stages/cache/purge/tags.ts'

test('both fields, each with its own separator, each tag once', () => {
  const fields = new Headers(['cache-tag', 'a, b:1,,a', 'surrogate-key', 'c  d/2 a', 'cache-tag', 'e'])
  expect(tagsOf(fields.flat)).toEqual(['a', 'b:1', 'e', 'c', 'd/2'])
})

test('at most 64 tags of 128 characters', () => {
  const many = Array.from({ length: 200 }, (_, n) => `t${n}`).join(',')
  expect(tagsOf(['cache-tag', many])).toHaveLength(64)
  expect(tagsOf(['cache-tag', `${'x'.repeat(129)}, ok, not ok, ä`])).toEqual(['ok'])
})
