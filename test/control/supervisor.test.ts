// The supervisor with real processes: nothing refused while a worker is replaced, all or nothing in reloads.
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'
import { pino } from 'pino'
import { afterEach, expect, it } from 'vitest'
import { parse } from '../../config/load.ts'
import type { Config } from '../../config/schema.ts'
import { type BoundListener, bindListener } from '../../control/sockets.ts'
import { Supervisor } from '../../control/supervisor.ts'

const log = pino({ level: 'silent' })
const exec = fileURLToPath(new URL('fixtures/worker.ts', import.meta.url))
const running: { supervisor: Supervisor; listener: BoundListener }[] = []

function configOf(route: string, workers: number): Config {
  const outcome = parse(
    `listen: { http: 127.0.0.1:0 }\nworkers: ${workers}\nroutes: { ${route}: 3000 }`,
    '/x/o.yaml',
  )
  if (!outcome.ok) throw new Error(outcome.problems.join('\n'))
  return outcome.config
}

async function start(workers: number, route = 'a.example') {
  const config = configOf(route, workers)
  const listener = await bindListener('listen.http', { host: '127.0.0.1', port: 0 }, workers)
  const deaths: string[] = []
  const left: number[] = []
  const frames: string[] = []
  const supervisor = new Supervisor({
    log,
    exec,
    first: { generation: 1, config, certificates: [] },
    listeners: new Map([['http', listener]]),
    frames: Promise.resolve((_worker, kind) => void frames.push(kind)),
    onDied: (_worker, _lastSignMs, reason) => void deaths.push(reason),
    onLeft: worker => void left.push(worker),
    downWords: () => [],
  })
  running.push({ supervisor, listener })
  await supervisor.start()
  return { supervisor, port: listener.address.port, deaths, left, frames, config }
}

afterEach(async () => {
  for (const { supervisor, listener } of running.splice(0)) {
    await supervisor.drain(500)
    for (const handle of listener.handles) handle.close()
  }
})

/** The pid that answers, or the error's code. */
function ask(port: number): Promise<string> {
  return new Promise(resolve => {
    let text = ''
    const socket = connect(port, '127.0.0.1')
    socket.on('data', chunk => {
      text += chunk
    })
    socket.on('error', error => resolve((error as NodeJS.ErrnoException).code ?? 'error'))
    socket.on('close', () => resolve(text.trim()))
  })
}

async function until(condition: () => boolean, deadlineMs = 5000): Promise<void> {
  const end = Date.now() + deadlineMs
  while (!condition()) {
    if (Date.now() > end) throw new Error('not in time')
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}

it('refuses no connection while its only worker is replaced after kill -9', async () => {
  const { supervisor, port, deaths } = await start(1)
  const first = await ask(port)
  expect(Number(first)).toBe(supervisor.slots[0]?.pid)
  process.kill(Number(first), 'SIGKILL')
  // Some of these come while nobody accepts: they wait in the backlog.
  const answers = await Promise.all(Array.from({ length: 50 }, () => ask(port)))
  await until(() => deaths.length === 1)
  const others = answers.filter(answer => answer !== first && answer !== '')
  expect(others.filter(answer => !/^\d+$/.test(answer))).toEqual([])
  const started = Date.now()
  expect(Number(await ask(port))).toBe(supervisor.slots[0]?.pid)
  expect(Date.now() - started).toBeLessThan(1000)
  expect(deaths).toEqual(['was ended by SIGKILL'])
  expect(supervisor.slots[0]?.restarts).toBe(1)
})

it('replaces its workers in good order: nothing refused, nobody dead, the newest configuration everywhere', async () => {
  const { supervisor, port, deaths, left } = await start(2)
  const before = supervisor.slots.map(slot => slot.pid)
  const replaced = supervisor.replace(1000)
  // Whichever worker has read the older one by now is told of the newer.
  const applied = supervisor.apply({ generation: 2, config: configOf('b.example', 2), certificates: [] })
  const answers: string[] = []
  let over = false
  void replaced.then(() => {
    over = true
  })
  while (!over) answers.push(await ask(port))
  await applied
  expect(answers.filter(answer => !/^\d+$/.test(answer))).toEqual([])
  const after = supervisor.slots.map(slot => slot.pid)
  expect(after.filter(pid => before.includes(pid))).toEqual([])
  expect(
    supervisor.slots.map(({ serving, running, replacing, restarts }) => [
      serving,
      running,
      replacing,
      restarts,
    ]),
  ).toEqual([
    [true, true, false, 0],
    [true, true, false, 0],
  ])
  expect([deaths, left]).toEqual([[], []])
  await until(() => supervisor.disabledRoutes[0]?.route === 'b.example')
})

it('serves with every worker, each on its own accept queue', async () => {
  const { supervisor, port } = await start(2)
  const answers = await Promise.all(Array.from({ length: 60 }, () => ask(port)))
  expect(new Set(answers)).toEqual(new Set(supervisor.slots.map(slot => String(slot.pid))))
})

it('hands frames on, and ends only the pipe when they break', async () => {
  const { supervisor, frames, port } = await start(1, 'garbage.example')
  expect(await ask(port)).toBe(String(supervisor.slots[0]?.pid))
  expect(frames.length).toBeLessThan(3)
  const other = await start(1)
  await until(() => other.frames.includes('state'))
})

it('takes a configuration over in all workers or in none', async () => {
  const { supervisor } = await start(2)
  const good = await supervisor.apply({ generation: 2, config: configOf('b.example', 2), certificates: [] })
  expect(good).toEqual({ refusal: '', disabledRoutes: [{ route: 'b.example', reason: 'seen' }] })
  const bad = await supervisor.apply({
    generation: 3,
    config: configOf('refuse.example', 2),
    certificates: [],
  })
  expect(bad.refusal).toBe('asked to refuse')
  // The workers went back, and a new one starts with what the others run.
  await until(() => supervisor.disabledRoutes[0]?.route === 'b.example')
  supervisor.slots[0]?.kill('test')
  await until(() => supervisor.slots[0]?.serving === false)
  await until(() => supervisor.slots[0]?.serving === true)
  expect(supervisor.disabledRoutes[0]?.route).toBe('b.example')
})

it('asks a worker to explain', async () => {
  const { supervisor } = await start(1)
  const result = await supervisor.explain({
    method: 'GET',
    url: 'http://a/x',
    headers: [],
    from: '127.0.0.1',
  })
  expect(result.route).toBe('http://a/x')
})

it('drains without counting it as deaths', async () => {
  const { supervisor, deaths, left } = await start(2)
  await supervisor.drain(1000)
  expect(deaths).toEqual([])
  expect(left.toSorted()).toEqual([0, 1])
  expect(supervisor.slots.every(slot => !slot.running)).toBe(true)
})

it('cuts workers that do not end within the grace period', async () => {
  process.env.ORIEL_TEST_STUBBORN = '1'
  const { supervisor } = await start(1)
  delete process.env.ORIEL_TEST_STUBBORN
  const started = Date.now()
  await supervisor.drain(200)
  expect(supervisor.slots[0]?.running).toBe(false)
  expect(Date.now() - started).toBeLessThan(2500)
})
