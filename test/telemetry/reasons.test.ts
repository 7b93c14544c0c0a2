// Every reason reads as a sentence, also one nobody has told this module about.
import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { attemptSentence, decide, keepSentence, sentenceOf } from '../../telemetry/reasons.ts'
import { KEEP_REASONS } from '../../telemetry/record.ts'
import { record } from './records.ts'

const say = (stage: string, reason: string, a = 0, b = 0, text = '') =>
  sentenceOf({ stage, reason, a, b, text })

test.each([
  [
    say('route', 'matched', 3, 0, 'shop.test/api/*'),
    'Matched shop.test/api/*, the most specific of 3 routes that fit.',
  ],
  [say('route', 'unmatched', 2, 0, 'a.test, b.test'), 'No route fits; known are a.test, b.test.'],
  [say('limit', 'limited', 1500, 20, 'client'), 'Refused: this client has used its 20; free again in 1.5 s.'],
  [
    say('limit', 'allowed', 19, 20, 'header:authorization'),
    'Allowed: 19 of 20 left for this value of authorization.',
  ],
  [say('guard', 'too-large', 2048, 1024), 'Refused: the body, 2 KB, is over 1 KB, set by guard.maxBody.'],
  [say('cache', 'hit', 30, 600), 'Answered from the cache: 30 s old, fresh for 10 min.'],
  [
    say('cache', 'bypass', 0, 0, 'authorization'),
    'The cache was passed by: the request carries Authorization.',
  ],
  [say('compress', 'compressed', 4096, 1024, 'zstd'), 'Compressed with zstd: 4 KB became 1 KB.'],
  [
    say('forward', 'picked', 1, 3, 'localhost:3000 round-robin'),
    'Took localhost:3000 (round robin), with 1 request in flight, of 3 upstreams.',
  ],
  [
    say('forward', 'ejected', 10_000, 0, 'localhost:3000'),
    'Took localhost:3000 out for 10 s after repeated failures.',
  ],
  [say('teapot', 'boiled-over', 1, 2, 'tea'), 'Boiled over: tea.'],
  [say('cache', 'constructor'), 'Constructor.'],
  [say('', ''), 'No reason given.'],
])('%s', (told, expected) => {
  expect(told).toBe(expected)
})

test('every reason that a stage writes has its own sentence', () => {
  const proxy = fileURLToPath(new URL('../../proxy', import.meta.url))
  const noted = globSync('**/*.ts', { cwd: proxy }).flatMap(file =>
    [...readFileSync(`${proxy}/${file}`, 'utf8').matchAll(/\.note\('([a-z]+)', '([a-z-]+)'/g)].map(m => [
      m[1]!,
      m[2]!,
    ]),
  )
  expect(noted.length).toBeGreaterThan(10)
  for (const [stage, reason] of noted) {
    const fallback = `${reason!.charAt(0).toUpperCase()}${reason!.slice(1).replaceAll('-', ' ')}: no-store.`
    expect(say(stage!, reason!, 1, 1, 'no-store'), `${stage} ${reason}`).not.toBe(fallback)
  }
})

test('an attempt in words: answered, failed, cut short', () => {
  const [attempt] = record().attempts
  expect(attemptSentence(attempt!)).toBe(
    'localhost:3000 (round robin) answered 200 in 7.9 ms on a new connection.',
  )
  const failed = { ...attempt!, status: 0, error: 'connection_refused', errorText: 'ECONNREFUSED' } as const
  expect(attemptSentence(failed)).toContain(
    'failed after 10.9 ms on a new connection: connection refused: ECONNREFUSED.',
  )
  expect(attemptSentence({ ...attempt!, status: 0, headUs: -1, endUs: -1 })).toContain('had not answered')
})

test('why a row was kept, and for how many it stands', () => {
  for (const keep of KEEP_REASONS) expect(keepSentence(keep, 1)).toMatch(/^Kept.*\.$/)
  expect(keepSentence('sampled', 20)).toBe('Kept as a sample. It stands for 20 requests.')
})

test('a decision keeps its times', () => {
  const verdict = { stage: 'trace', reason: 'started', a: 0, b: 0, text: '', atUs: 5, tookUs: 2 }
  expect(decide(verdict)).toMatchObject({ stage: 'trace', atUs: 5, tookUs: 2 })
})
