// Route and unmatched: the first line of the trail.
import { expect, it } from 'vitest'
import { route } from '../../../proxy/stages/route.ts'
import { unmatched } from '../../../proxy/stages/unmatched.ts'
import { ok, send, stageEnv } from './support.ts'

it('notes the route that was taken', async () => {
  const { x } = await send([route.create({}, stageEnv('a.example/*'))!], () => ok())
  expect(x.notes[0]).toMatchObject({ stage: 'route', reason: 'matched', text: 'a.example/*' })
})

it('tells a stranger nothing and the admin which routes there are', async () => {
  const { x, status, body } = await send([unmatched(['a.example', 'b.example'])], () => ok())
  expect(status).toBe(404)
  expect(body.toString()).not.toContain('example')
  expect(x.error).toBe('no_route')
  expect(x.notes[0]).toMatchObject({ reason: 'unmatched', a: 2, text: 'a.example, b.example' })
})
