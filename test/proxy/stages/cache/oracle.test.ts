// Against another reading of RFC 9111 (http-cache-semantics): ours never stores more, nor for longer.
import CachePolicy from 'http-cache-semantics'
import { expect, it } from 'vitest'
import { Headers } from '../../../../proxy/lib/headers.ts'
import { mayStore } from '../../../../proxy/stages/cache/storable.ts'
import { seeded } from '../support.ts'

const random = seeded(42)
const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
const http = (ms: number) => new Date(ms).toUTCString()

/** Without proxy-revalidate, which the other takes for a lifetime of 0. It knows fewer statuses, too. */
const DIRECTIVES = [
  'max-age=60',
  'max-age=0',
  's-maxage=30',
  's-maxage=0',
  'public',
  'private',
  'no-store',
  'no-cache',
  'must-revalidate',
  'no-transform',
  'max-age=junk',
  'immutable',
  'x-own=1',
]

function response(now: number): { status: number; fields: Record<string, string> } {
  const fields: Record<string, string> = {}
  const control = Array.from({ length: Math.floor(random() * 4) }, () => pick(DIRECTIVES)).join(', ')
  if (control !== '') fields['cache-control'] = control
  if (random() < 0.7) fields.date = http(now - pick([0, 0, 5000, 45_000]))
  if (random() < 0.3) fields.expires = pick([http(now + 90_000), http(now - 1), '0', 'never'])
  if (random() < 0.2) fields.age = pick(['0', '7', '59', '600'])
  if (random() < 0.1) fields.vary = pick(['accept', '*', 'accept, origin'])
  return { status: pick([200, 200, 200, 204, 301, 302, 404, 410, 206, 401, 416, 431]), fields }
}

it('in 5000 random answers', () => {
  const now = Math.floor(Date.now() / 1000) * 1000
  let stored = 0
  for (let i = 0; i < 5000; i++) {
    const { status, fields } = response(now)
    const authorized = random() < 0.2
    const ours = mayStore(status, Headers.of(fields), { authorized, askedMs: now, gotMs: now })
    if (typeof ours === 'string') continue
    stored++
    const asked: Record<string, string> = { host: 'a.example' }
    if (authorized) asked.authorization = 'Bearer x'
    const policy = new CachePolicy(
      { method: 'GET', url: '/', headers: asked },
      { status, headers: fields },
      { cacheHeuristic: 0 },
    )
    const told = JSON.stringify({ status, fields, authorized })
    expect(policy.storable(), told).toBe(true)
    const ttlS = ours.lifetimeS - (now - ours.bornMs) / 1000
    expect(ttlS * 1000, told).toBeLessThanOrEqual(policy.timeToLive() + 2000)
  }
  expect(stored).toBeGreaterThan(300)
})
