// Every command as a user types it: what it prints, what it exits with, and that none leaves anything behind.
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { command, eventually, launch, type RunningOriel, scratch, startOriel } from '../support/oriel.ts'
import { startUpstream, type TestUpstream } from '../support/upstream.ts'

let upstream: TestUpstream
let oriel: RunningOriel

beforeAll(async () => {
  upstream = await startUpstream((_request, response) => response.end('hello'))
  const to = `to: '127.0.0.1:${upstream.port}'`
  const routes = `  app.test: { ${to}, limit: { rate: 1/s, burst: 1 } }\n  app.test/api/*: { ${to}, cache: true }\n`
  oriel = await startOriel(routes, 'workers: 1\n')
})
afterAll(async () => {
  await oriel.stop()
  await upstream.close()
})

/** @returns the file, in a directory of its own */
function fileWith(yaml: string): string {
  const file = join(scratch(), 'oriel.yaml')
  writeFileSync(file, yaml)
  return file
}

test('check accepts the example that people copy, and names every problem of a wrong file at once', async () => {
  const example = join(import.meta.dirname, '../../config/oriel.example.yaml')
  expect(await command(['check', example])).toMatchObject({ code: 0 })
  const wrong = fileWith('routes:\n  a.test: { to: 3000, compres: true }\n  b.test: { to: 99999 }\n')
  const { code, text } = await command(['check', wrong])
  expect(code).toBe(1)
  const lines = text.trim().split('\n')
  expect(lines).toHaveLength(2)
  expect(lines[0]).toMatch(/oriel\.yaml:2:\d+ unknown key "compres", did you mean "compress"\?$/)
  expect(lines[1]).toMatch(/oriel\.yaml:3:\d+ /)
  expect(text).not.toMatch(/at .*\.ts:\d+/)
})

const EXPLAINED = [
  /^ {2}route +.*app\.test\/api\/\*/m,
  /^ {2}cache +\S/m,
  /^ {2}forward +Took 127/m,
  /would be asked; its answer decides/,
]

test('explain says stage by stage what would happen and why, and sends nothing', async () => {
  const before = upstream.hits
  const { code, text } = await command(['explain', 'GET', 'http://app.test/api/x', '--config', oriel.config])
  expect(code).toBe(0)
  expect(text).toContain('according to the running Oriel')
  for (const line of EXPLAINED) expect(text).toMatch(line)
  const refused = await command([
    'explain',
    'POST',
    'http://stranger.test/',
    '-H',
    'content-type: text/plain',
    '--config',
    oriel.config,
  ])
  expect(refused.text).toMatch(/no route/i)
  expect(upstream.hits).toBe(before)
})

test('explain counts against no limit, however often it is asked', async () => {
  const answers: string[] = []
  for (let i = 0; i < 3; i++) {
    const words = ['explain', 'GET', 'http://app.test/', '--config', oriel.config]
    answers.push((await command(words)).text)
  }
  for (const text of answers) expect(text).toMatch(/would be asked/)
})

test('explain needs no running Oriel', async () => {
  const file = fileWith(`routes:\n  app.test/api/*: { to: '127.0.0.1:${upstream.port}', cache: true }\n`)
  const before = upstream.hits
  const { code, text } = await command(['explain', 'GET', 'http://app.test/api/x', '--config', file])
  expect([code, upstream.hits]).toEqual([0, before])
  expect(text).toContain('Oriel is not running: no live state')
  for (const line of EXPLAINED) expect(text).toMatch(line)
})

test('reload takes the file over now; a wrong one changes nothing', async () => {
  const text = readFileSync(oriel.config, 'utf8')
  writeFileSync(oriel.config, `${text}  new.test: { to: '127.0.0.1:${upstream.port}' }\n`)
  const taken = await command(['reload', '--config', oriel.config])
  expect(taken).toMatchObject({ code: 0, text: expect.stringMatching(/^configuration \d+ is in force\n$/) })
  const { routes } = await oriel.api<{ routes: string[] }>('/api/v1/status')
  expect(routes).toContain('new.test')
  expect(await command(['reload', '--config', fileWith('routes: { a.test: 3000 }')])).toMatchObject({
    code: 1,
    text: expect.stringContaining('no Oriel is running'),
  })
})

const address = (output: string, name: string): string =>
  new RegExp(`^ +${name} +(\\S+)`, 'm').exec(output)?.[1] ?? ''

/** Takes the port unless somebody has it: either way it is in use afterwards. */
function occupy(port: number): Promise<Server> {
  const server = createServer()
  return new Promise(resolve => {
    server.once('error', () => resolve(server))
    server.listen(port, '127.0.0.1', () => resolve(server))
  })
}

test('a port alone puts Oriel in front of it, on other ports when the usual ones are taken', async () => {
  const taken = await Promise.all([8080, 8443, 9900].map(occupy))
  const cwd = scratch()
  const { child, output } = await launch([String(upstream.port)], { cwd })
  const [http, dashboard] = [address(output(), 'http'), address(output(), 'dashboard')]
  expect([new URL(http).port, new URL(dashboard).port]).not.toEqual(
    expect.arrayContaining([expect.stringMatching(/^(8080|8443|9900)$/)]),
  )
  expect(await (await fetch(`${http}/`)).text()).toBe('hello')
  const file = join(cwd, address(output(), 'config'))
  expect(readFileSync(file, 'utf8')).toContain(String(upstream.port))
  expect(await command(['check', file])).toMatchObject({ code: 0 })
  const gone = new Promise(resolve => child.once('exit', resolve))
  child.kill('SIGINT')
  expect(await gone).toBe(0)
  for (const server of taken) server.close()
})

/** Processes whose parent is `pid`, and theirs. */
function descendants(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .split(' ')
    .filter(Boolean)
    .map(Number)
  return children.flatMap(child => [child, ...descendants(child)])
}

const alive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

test.each(['SIGINT', 'SIGTERM'] as const)(
  'the demo answers through the gate, and %s ends all of it',
  async signal => {
    const { child, output, link } = await launch(['demo', '--no-traffic'], { cwd: scratch() })
    const http = address(output(), 'http')
    expect(http).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect(address(output(), 'https')).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/)
    expect(link).toMatch(/\/login\?token=[\w-]{20,}$/)
    const catalogue = await fetch(`${http}/`)
    expect([catalogue.status, catalogue.headers.get('via') ?? catalogue.headers.get('cache-status')]).toEqual(
      [200, expect.stringMatching(/oriel/i)],
    )
    expect(await catalogue.text()).toContain('<html')
    const others = descendants(child.pid!)
    // A worker and three shops; the machine decides how many workers.
    expect(others.length).toBeGreaterThanOrEqual(4)
    const code = new Promise(resolve => child.once('exit', resolve))
    child.kill(signal)
    expect(await code).toBe(0)
    await eventually(
      async () => others.filter(alive),
      left => left.length === 0,
      2000,
    )
    expect(output()).not.toMatch(/EPIPE|Warning|level":[56]0|error:/)
  },
)

test('a shop that dies while the demo runs comes back on its port', async () => {
  const { child, output } = await launch(['demo', '--no-traffic'], { cwd: scratch() })
  const shopOf = (pid: number) =>
    /shop\.[jt]s\0.*--port\0(\d+)/.exec(readFileSync(`/proc/${pid}/cmdline`, 'utf8'))?.[1]
  const shops = () => descendants(child.pid!).filter(pid => shopOf(pid) !== undefined)
  const [first] = shops()
  const port = shopOf(first!)
  process.kill(first!, 'SIGKILL')
  const answer = async () =>
    (await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => undefined))?.status ?? 0
  await eventually(answer, status => status === 200)
  expect(shops()).toHaveLength(3)
  expect(shops()).not.toContain(first)
  const code = new Promise(resolve => child.once('exit', resolve))
  child.kill('SIGINT')
  expect(await code).toBe(0)
  expect(output()).not.toMatch(/EPIPE|EADDRINUSE/)
})
