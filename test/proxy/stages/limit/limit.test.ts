// Limit: who is counted, what a refusal says, what survives a reload.
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { StageEnv } from '../../../../proxy/pipeline/stage.ts'
import { createLimit, Limiters, limit } from '../../../../proxy/stages/limit/limit.ts'
import { type Ask, ok, send, stageEnv } from '../support.ts'

let now = 1_000_000

function build(config: unknown, env: StageEnv = stageEnv()) {
  const stage = createLimit(limit.schema(z).parse(config), env, () => now)
  return (ask: Ask = {}) => send([stage], () => ok(), ask)
}

describe('schema', () => {
  it('reads the short form; burst is twice the rate', () => {
    expect(limit.schema(z).parse('10/s')).toEqual({
      rate: { count: 10, perMs: 1000 },
      burst: 20,
      by: 'client',
      dryRun: false,
    })
  })

  it.each(['10', '0/s', { rate: '10/s', by: 'cookie' }, { rate: '10/s', brust: 3 }])('refuses %j', given => {
    expect(limit.schema(z).safeParse(given).success).toBe(false)
  })
})

it('refuses what is over the burst, says when to come back, and lets it in then', async () => {
  const ask = build({ rate: '2/s', burst: 2 })
  expect([(await ask()).status, (await ask()).status]).toEqual([200, 200])
  const refused = await ask()
  expect(refused.status).toBe(429)
  expect(refused.headers.get('retry-after')).toBe('1')
  expect(refused.headers.get('ratelimit')).toBe('"default";r=0;t=1')
  expect(refused.headers.get('ratelimit-policy')).toBe('"default";q=2;w=1')
  expect(refused.x).toMatchObject({ limited: true, error: 'rate_limited', answeredBy: 'limit' })
  expect(refused.x.notes[0]).toMatchObject({ reason: 'limited', a: 500, b: 2, text: 'client' })
  now += 500
  expect((await ask()).status).toBe(200)
})

it('says on allowed replies what is left', async () => {
  const ask = build('10/s')
  for (let i = 0; i < 2; i++) await ask()
  const { headers, x } = await ask()
  expect(headers.get('ratelimit')).toBe('"default";r=17;t=1')
  expect(headers.get('ratelimit-policy')).toBe('"default";q=20;w=2')
  expect(x.notes[0]).toMatchObject({ reason: 'allowed', a: 17, b: 20 })
})

it('counts each client on its own, IPv6 by /64', async () => {
  const ask = build({ rate: '1/m', burst: 1 })
  expect((await ask({ client: '192.0.2.1' })).status).toBe(200)
  expect((await ask({ client: '192.0.2.2' })).status).toBe(200)
  expect((await ask({ client: '::ffff:192.0.2.1' })).status).toBe(429)
  expect((await ask({ client: '2001:db8::1' })).status).toBe(200)
  expect((await ask({ client: '2001:db8::ffff:1' })).status).toBe(429)
})

it('counts by a header’s value, and by client where it is missing', async () => {
  const ask = build({ rate: '1/m', burst: 1, by: 'header:Authorization' })
  const long = 'x'.repeat(5000)
  expect((await ask({ headers: { authorization: long } })).status).toBe(200)
  expect((await ask({ headers: { authorization: long } })).status).toBe(429)
  expect((await ask({ headers: { authorization: `${long}y` } })).status).toBe(200)
  const first = await ask()
  expect([first.status, first.x.notes[0]!.text]).toEqual([200, 'header:authorization'])
  expect((await ask()).status).toBe(429)
  expect((await ask({ headers: { authorization: '203.0.113.9' } })).status).toBe(200)
})

it('keeps its counts over a reload and counts its keys', async () => {
  const env = stageEnv()
  await build({ rate: '1/m', burst: 1 }, env)()
  expect((await build({ rate: '1/m', burst: 1 }, env)()).status).toBe(429)
  expect(env.keep('limit', () => new Limiters()).keys).toBe(1)
})

it('takes no token in a dry run', async () => {
  const ask = build({ rate: '1/m', burst: 1 })
  for (let i = 0; i < 3; i++) expect((await ask({ dry: true })).status).toBe(200)
  expect((await ask()).status).toBe(200)
})

it('with dryRun refuses nothing and says what it would have', async () => {
  const ask = build({ rate: '1/m', burst: 1, dryRun: true })
  await ask()
  const { status, x, headers } = await ask()
  expect([status, x.limited, headers.has('ratelimit')]).toEqual([200, false, false])
  expect(x.notes[0]!.reason).toBe('would-limit')
})
