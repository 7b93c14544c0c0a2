// The stages together: their order, their documentation, and one request through all of them.
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Stage, StageModule } from '../../../proxy/pipeline/stage.ts'
import { Room } from '../../../proxy/stages/cache/room.ts'
import { stages } from '../../../proxy/stages/index.ts'
import { ok, reasons, send, stageEnv } from './support.ts'

it('stand in this order', () => {
  expect(stages.map(stage => stage.name)).toEqual(['trace', 'route', 'guard', 'limit', 'compress', 'cache'])
})

describe('schemas', () => {
  it.each(stages.map(stage => [stage.name, stage.schema(z)] as const))(
    '%s: every key says what it is for',
    (_name, schema) => {
      const undocumented: string[] = []
      const visit = (node: z.core.JSONSchema.BaseSchema, path: string) => {
        for (const [key, child] of Object.entries(node.properties ?? {})) {
          if (typeof child === 'boolean') continue
          if (!child.description) undocumented.push(`${path}.${key}`)
          visit(child, `${path}.${key}`)
        }
        for (const child of [...(node.anyOf ?? []), ...(node.oneOf ?? [])]) {
          if (typeof child !== 'boolean') visit(child, path)
        }
      }
      const json = z.toJSONSchema(schema, { io: 'input' })
      expect(json.description).toBeTruthy()
      visit(json, '')
      expect(undocumented).toEqual([])
    },
  )

  it.each(stages.map(stage => [stage.name, stage] as const))('%s: its fallback builds', (_name, module) => {
    const { fallback, create } = module as StageModule<unknown>
    if (fallback !== undefined) expect(create(fallback, stageEnv())).toBeDefined()
  })

  it('guard reads sizes; its own default is the documented one', () => {
    const guard = stages[2]
    expect(guard.schema(z).parse({})).toEqual(guard.fallback)
    expect(guard.schema(z).parse({ maxBody: '10mb', methods: ['GET'] })).toEqual({
      maxBody: 10 * 1024 ** 2,
      methods: ['GET'],
      strictPath: false,
    })
    expect(guard.schema(z).safeParse({ maxBody: 10 }).success).toBe(false)
  })
})

describe('one request through all', () => {
  const env = stageEnv()
  const built: Stage[] = []
  for (const module of stages as readonly StageModule<unknown>[]) {
    const given: Record<string, unknown> = { limit: '100/s', cache: true }
    const config = module.name in given ? module.schema(z).parse(given[module.name]) : module.fallback
    const stage = module.create(config, env)
    if (stage !== undefined) built.push(stage)
  }
  const text = 'a page of text '.repeat(200)
  const origin = () =>
    ok(text, { 'cache-control': 'max-age=60', etag: '"v1"', 'x-request-id': 'of the origin' })
  const ask = { headers: { 'accept-encoding': 'gzip' } }

  it('a miss fills the cache with what the upstream sent and answers encoded', async () => {
    const { headers, body, x } = await send(built, origin, ask)
    expect(gunzipSync(body).toString()).toBe(text)
    expect(headers.get('etag')).toBe('W/"v1"')
    expect(headers.all('x-request-id')).toEqual([x.requestId])
    // The body reaches the store and the encoder in one go: which is told first does not matter.
    expect(x.notes.map(note => `${note.stage} ${note.reason}`).sort()).toEqual([
      'cache miss',
      'cache stored',
      'compress compressed',
      'guard passed',
      'limit allowed',
      'route matched',
      'trace started',
    ])
  })

  it('a hit serves the same to another client, encoded once, and plain to one that cannot read it', async () => {
    await send(built, origin, ask)
    const room = env.keep('cache', () => new Room())
    const before = room.store.bytes
    const again = await send(built, origin, ask)
    expect([again.x.cache, gunzipSync(again.body).toString()]).toEqual(['hit', text])
    expect(again.headers.get('vary')).toBe('Accept-Encoding')
    expect(room.store.bytes).toBe(before)
    const plain = await send(built, origin)
    expect([plain.x.cache, plain.body.toString(), plain.headers.get('etag')]).toEqual(['hit', text, '"v1"'])
  })

  it('a condition on the weakened ETag still holds', async () => {
    const seen = await send(built, origin, {
      headers: { 'accept-encoding': 'gzip', 'if-none-match': 'W/"v1"' },
    })
    expect([seen.status, seen.body.length]).toEqual([304, 0])
  })

  it('a dry run changes nothing', async () => {
    const seen = await send(built, origin, { ...ask, url: 'http://app.example.com/dry', dry: true })
    expect(reasons(seen.x, 'guard')).toEqual(['passed'])
    expect((await send(built, origin, { ...ask, url: 'http://app.example.com/dry' })).x.cache).toBe('miss')
  })
})
