// Reloads: whole or not at all, in order, with the reason and its place.
import { pino } from 'pino'
import { expect, it } from 'vitest'
import { type LoadOutcome, parse } from '../../config/load.ts'
import type { Config } from '../../config/schema.ts'
import type { TimelineEvent } from '../../control/admin/contract.ts'
import { Reloader } from '../../control/reload.ts'
import type { Issue } from '../../control/supervisor.ts'

const BASE = 'listen: { http: ":8080" }\nroutes:\n  a.example: 1\n'
const outcomeOf = (text: string) => parse(text, '/x/oriel.yaml')
const configOf = (text: string): Config => (outcomeOf(text) as LoadOutcome & { ok: true }).config

function reloader(texts: string[], refusal = '') {
  const events: TimelineEvent[] = []
  const issued: Issue[] = []
  const applied: Config[] = []
  const it = new Reloader(
    {
      file: '/x/oriel.yaml',
      log: pino({ level: 'silent' }),
      load: async () => outcomeOf(texts.shift() ?? BASE),
      certificates: async () => ({ certificates: [], problems: [] }),
      apply: async issue => {
        issued.push(issue)
        return { refusal, disabledRoutes: [] }
      },
      onApplied: config => applied.push(config),
      event: event => events.push(event),
    },
    configOf(BASE),
    [],
  )
  return { it, events, issued, applied }
}

it('takes a good file over', async () => {
  const { it: reload, events, issued, applied } = reloader([`${BASE}  b.example: 2\n`])
  expect(await reload.reload('test')).toEqual({ ok: true, generation: 2, problems: [] })
  expect(issued[0]?.config.routes).toHaveLength(2)
  expect(applied).toHaveLength(1)
  expect(events).toMatchObject([{ kind: 'reload', text: 'Configuration 2 in force (test): 2 routes.' }])
})

it('keeps the running one when the file is wrong, and says so until it is right', async () => {
  const { it: reload, events, issued } = reloader(['routes:\n  a..b: 1\n', BASE])
  const outcome = await reload.reload('test')
  expect(outcome.problems).toEqual([
    '/x/oriel.yaml:2:3 "a..b" is no host; write app.example.com, "*.example.com" or /path/*',
  ])
  expect(issued).toEqual([])
  expect(reload.problem).toBe(outcome.problems[0])
  expect(events).toMatchObject([{ kind: 'reload-refused' }])
  await reload.reload('test')
  expect(reload.problem).toBe('')
})

it('refuses what needs a restart, with the place of each key', async () => {
  const text =
    'listen: { http: ":8081" }\nadmin: :9901\ndata: /y\nworkers: 3\ntelemetry:\n  retention: { age: 1d }\nroutes:\n  a.example: 1\n'
  const { it: reload } = reloader([text])
  const base = configOf(BASE)
  reload.config = { ...base, workers: 1 }
  expect((await reload.reload('test')).problems).toEqual([
    '/x/oriel.yaml:1:1 listen has changed: this needs a restart of Oriel',
    '/x/oriel.yaml:2:1 admin has changed: this needs a restart of Oriel',
    '/x/oriel.yaml:3:1 data has changed: this needs a restart of Oriel',
    '/x/oriel.yaml:4:1 workers has changed: this needs a restart of Oriel',
    '/x/oriel.yaml:6:3 telemetry.retention has changed: this needs a restart of Oriel',
  ])
})

it('says when a worker refuses', async () => {
  const { it: reload, applied } = reloader([BASE], 'no such thing')
  expect((await reload.reload('test')).problems).toEqual(['/x/oriel.yaml:2:1 no such thing'])
  expect(applied).toEqual([])
})

it('does one after the other', async () => {
  const { it: reload, issued } = reloader([BASE, BASE, BASE])
  await Promise.all([reload.reload('1'), reload.reload('2'), reload.reload('3')])
  expect(issued.map(issue => issue.generation)).toEqual([2, 3, 4])
})
