// The command line as a user meets it: real processes, exit codes, messages.
import { execFile, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'

const bin = fileURLToPath(new URL('../../control/bin.cjs', import.meta.url))
const ends: (() => void)[] = []
afterEach(() => {
  for (const end of ends.splice(0)) end()
})

function directory(yaml?: string): string {
  const path = mkdtempSync(join(tmpdir(), 'oriel-cli-'))
  if (yaml !== undefined) writeFileSync(join(path, 'oriel.yaml'), yaml)
  return path
}

interface Ended {
  code: number
  stdout: string
  stderr: string
}

function oriel(cwd: string, ...words: string[]): Promise<Ended> {
  return new Promise(resolve => {
    execFile(process.execPath, [bin, ...words], { cwd, timeout: 20_000 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : ((error.code as number | undefined) ?? -1), stdout, stderr })
    })
  })
}

const LISTEN = 'listen: { http: 127.0.0.1:0, https: 127.0.0.1:0 }\nadmin: 127.0.0.1:0\n'

/** @returns when the banner is there */
async function start(cwd: string) {
  const child = spawn(process.execPath, [bin, 'run'], { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  ends.push(() => child.kill('SIGKILL'))
  let stdout = ''
  let stderr = ''
  child.stderr.on('data', chunk => {
    stderr += chunk
  })
  const ended = new Promise<number | null>(resolve => child.once('exit', code => resolve(code)))
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', chunk => {
      stdout += chunk
      if (/local CA/.test(stdout)) resolve()
    })
    child.once('exit', () => reject(new Error(stderr)))
  })
  const find = (name: string) => new RegExp(`${name} +(\\S+)`).exec(stdout)?.[1] ?? ''
  return { child, ended, http: find('http'), link: find('dashboard'), errors: () => stderr }
}

describe('check', () => {
  it('exits 0 for a right file', async () => {
    expect(await oriel(directory('routes: { a.example: 3000 }'), 'check')).toEqual({
      code: 0,
      stdout: 'oriel.yaml is right: 1 route\n',
      stderr: '',
    })
  })
  it('exits 1 with file, line, column and the nearest key', async () => {
    const ended = await oriel(
      directory('routes:\n  a.example: { to: 3000, limt: 1/s }\n'),
      'check',
      'oriel.yaml',
    )
    expect(ended).toEqual({
      code: 1,
      stdout: '',
      stderr: 'oriel.yaml:2:26 unknown key "limt", did you mean "limit"?\n',
    })
  })
  it('says when there is no file', async () => {
    const { code, stderr } = await oriel(directory(), 'check')
    expect([code, stderr]).toEqual([
      1,
      'oriel.yaml:1:1 no such file; oriel.example.yaml in config/ is one to copy\n',
    ])
  })
})

describe('run refuses to start', () => {
  it('with a port in use: which one, which key', async () => {
    const server = createServer()
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    ends.push(() => server.close())
    const { port } = server.address() as AddressInfo
    const cwd = directory(
      `listen: { http: "127.0.0.1:${port}" }\nadmin: 127.0.0.1:0\nroutes: { a.example: 3000 }`,
    )
    expect(await oriel(cwd, 'run')).toEqual({
      code: 1,
      stdout: '',
      stderr: `listen.http: 127.0.0.1:${port} is in use by another program\n`,
    })
  })
  it('with a data directory that cannot be written', async () => {
    const cwd = directory(`${LISTEN}data: ./oriel.yaml/data\nroutes: { a.example: 3000 }`)
    const { code, stderr } = await oriel(cwd, 'run')
    expect(code).toBe(1)
    expect(stderr).toMatch(/^data directory \S+\/oriel\.yaml\/data: not writable \(ENOTDIR\)\n$/)
  })
  it('with a wrong file', async () => {
    const { code, stderr } = await oriel(directory('routes: {}\nadmn: 1\n'), 'run')
    expect([code, stderr]).toEqual([1, 'oriel.yaml:2:1 unknown key "admn", did you mean "admin"?\n'])
  })
})

it('explains from the file when no Oriel runs', async () => {
  const cwd = directory('data: ./d\nroutes: { a.example: 3000 }')
  const { code, stdout } = await oriel(cwd, 'explain', 'GET', 'http://a.example/x', '-H', 'accept: */*')
  expect(code).toBe(0)
  expect(stdout).toContain('according to oriel.yaml (Oriel is not running: no live state)')
  expect(stdout).toContain('Matched a.example.')
  expect(stdout).toContain('localhost:3000 would be asked')
})

it('says what a wrong command line should be', async () => {
  expect((await oriel(directory(), 'rnu')).stderr).toBe('unknown command "rnu", did you mean "run"?\n')
  expect((await oriel(directory('routes: { a: 1 }'), 'reload')).stderr).toBe(
    'no Oriel is running with oriel.yaml\n',
  )
})

describe('help', () => {
  const commands = ['run', 'check', 'explain', 'reload', 'purge', 'link', 'demo', 'version']

  it.each(commands)('oriel %s --help says how it is used, and does nothing else', async command => {
    const cwd = directory()
    const { code, stdout, stderr } = await oriel(cwd, command, '--help')
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(new RegExp(`^usage: oriel ${command}.*\\n(?: .*\\n)*\\n[A-Z]`))
    expect(readdirSync(cwd)).toEqual([])
  })

  it('lists every command, and is the same in front of it or behind it', async () => {
    const { stdout } = await oriel(directory(), '--help')
    for (const command of commands) expect(stdout).toMatch(new RegExp(`^  oriel ${command}\\b`, 'm'))
    const asked = await Promise.all([
      oriel(directory(), 'link', '-h'),
      oriel(directory(), 'help', 'link'),
      oriel(directory(), 'link', '--config', 'x.yaml', '--help'),
    ])
    for (const { code, stdout } of asked) expect([code, stdout]).toEqual([0, asked[0]!.stdout])
    expect(asked[0]!.stdout).toContain('--config FILE')
    expect((await oriel(directory(), '3000', '--help')).stdout).toContain('usage: oriel [NAME] TARGET')
  })
})

describe('a running Oriel', () => {
  it('serves, reloads on command and on change, explains, and ends with 0 on SIGTERM', async () => {
    const upstream = createServer((_req, res) => res.end('hello'))
    await new Promise<void>(resolve => upstream.listen(0, '127.0.0.1', resolve))
    ends.push(() => upstream.close())
    const { port } = upstream.address() as AddressInfo
    const base = `${LISTEN}grace: 2s\nroutes:\n  127.0.0.1: 127.0.0.1:${port}\n`
    const cwd = directory(base)
    const { child, ended, http, link, errors } = await start(cwd)
    expect(await (await fetch(http)).text()).toBe('hello')
    expect(link).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/login\?token=\S{20,}$/)
    expect(statSync(join(cwd, 'data', 'control.json')).mode & 0o777).toBe(0o600)

    expect((await oriel(cwd, 'explain', 'GET', `${http}/x`)).stdout).toContain(
      'according to the running Oriel',
    )
    expect((await oriel(cwd, 'link')).stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/login\?token=\S{20,}\n$/)
    expect((await oriel(cwd, 'reload')).stdout).toMatch(/^configuration \d+ is in force\n$/)
    writeFileSync(join(cwd, 'oriel.yaml'), `${base}  b.example: 1 2\n`)
    const refused = await oriel(cwd, 'reload')
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain('oriel.yaml:6:14 expected a target')
    expect(await (await fetch(http)).text()).toBe('hello')

    child.kill('SIGTERM')
    expect(await ended).toBe(0)
    expect(errors()).not.toContain('Warning')
    expect(() => readFileSync(join(cwd, 'data', 'control.json'))).toThrow('ENOENT')
  })
})
