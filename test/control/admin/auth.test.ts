// Who gets in: nobody without a session, whatever the route; links once; wrong tokens a few times a minute.
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { ROUTES } from '../../../control/admin/routes.ts'
import { pathOf, type TestAdmin, testAdmin, WRITE } from './support.ts'

const ADMIN_TOKEN = 'a-token-for-scripts-and-tests'
let admin: TestAdmin

beforeEach(async () => {
  vi.stubEnv('ORIEL_ADMIN_TOKEN', ADMIN_TOKEN)
  admin = await testAdmin()
})
afterEach(async () => {
  vi.useRealTimers()
  vi.unstubAllEnvs()
  await admin.stop()
})

const concrete = (path: string) =>
  path.replace(':id', '1700000000000-00000000000000aa').replace(':traceId', 'a'.repeat(32))
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const logIn = (token: string) =>
  admin.ask('/login', { method: 'POST', headers: WRITE, body: JSON.stringify({ token }) })

describe('without a session', () => {
  test('exactly these routes are open', () => {
    const open = ROUTES.filter(route => route.open).map(route => `${route.method} ${route.path}`)
    expect(open).toEqual(['GET /healthz', 'GET /readyz', 'GET /login', 'POST /login'])
  })

  test('every other route answers 401 as ApiError', async () => {
    const closed = ROUTES.filter(route => !route.open)
    expect(closed.length).toBeGreaterThan(14)
    for (const { method, path } of closed) {
      for (const accept of ['application/json', 'text/html']) {
        const reply = await admin.ask(concrete(path), { method, headers: { ...WRITE, accept } })
        expect([method, path, reply.status]).toEqual([method, path, 401])
        expect(reply.json).toEqual({ error: { status: 401, message: 'log in first' } })
      }
    }
    expect(admin.services.asked).toEqual([])
  })

  test('what does not exist answers 401 too, and spellings of a closed path open nothing', async () => {
    const paths = ['/api/v1/nothing', '/api', '//api/v1/status', '/%61pi/v1/status', '/api/v1/status/']
    for (const path of [...paths, '/x/../api/v1/status', '/API/V1/STATUS', '/metrics/', '/metrics;x']) {
      expect([path, (await admin.ask(path)).status]).toEqual([path, 401])
    }
    for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      expect((await admin.ask('/api/v1/status', { method, headers: WRITE })).status).toBe(401)
    }
  })

  test('the health routes answer', async () => {
    expect((await admin.ask('/healthz')).status).toBe(200)
    expect((await admin.ask('/readyz')).status).toBe(200)
    admin.services.isReady = false
    expect((await admin.ask('/readyz')).status).toBe(503)
  })
})

describe('the one-time link', () => {
  test('logs in once and leads to the dashboard', async () => {
    const path = pathOf(admin.link())
    const first = await admin.ask(path)
    expect([first.status, first.headers.location]).toEqual([303, '/'])
    const [cookie = ''] = first.headers['set-cookie'] ?? []
    expect(cookie).toMatch(/^oriel_session=[\w-]{43}; Max-Age=604800; Path=\/; HttpOnly; SameSite=Strict$/)
    const second = await admin.ask(path)
    expect([second.status, second.headers.location]).toEqual([303, '/login?expired=1'])
    expect(second.headers['set-cookie']).toBeUndefined()
    const session = cookie.split(';')[0]!
    expect((await admin.ask('/api/v1/status', { headers: { cookie: session } })).status).toBe(200)
  })

  test('is not used up by a HEAD request', async () => {
    const path = pathOf(admin.link())
    await admin.ask(path, { method: 'HEAD' })
    expect((await admin.ask(path)).headers.location).toBe('/')
  })

  test('ends after ten minutes', async () => {
    const path = pathOf(admin.link())
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 10 * 60_000 + 1 })
    expect((await admin.ask(path)).headers.location).toBe('/login?expired=1')
  })

  test('works when its token is pasted', async () => {
    const token = new URL(admin.link()).searchParams.get('token')!
    const reply = await logIn(token)
    expect([reply.status, reply.headers['set-cookie']?.length]).toEqual([204, 1])
    expect((await logIn(token)).status).toBe(401)
  })

  test('comes anew for a bearer token, not for a session', async () => {
    const session = { ...WRITE, cookie: await admin.cookie() }
    expect((await admin.ask('/api/v1/link', { method: 'POST', headers: session })).status).toBe(403)
    const reply = await admin.ask('/api/v1/link', { method: 'POST', headers: bearer(admin.cliToken) })
    const { link } = reply.json as { link: string }
    expect((await admin.ask(pathOf(link))).headers.location).toBe('/')
  })
})

describe('tokens', () => {
  test('the token of the environment and the one of the start are taken, others are not', async () => {
    for (const [token, status] of [
      [ADMIN_TOKEN, 200],
      [admin.cliToken, 200],
      [`${ADMIN_TOKEN}x`, 401],
    ] as const)
      expect((await admin.ask('/api/v1/status', { headers: bearer(token) })).status).toBe(status)
    expect((await logIn(ADMIN_TOKEN)).status).toBe(204)
    const basic = { authorization: `Basic ${btoa(`x:${ADMIN_TOKEN}`)}` }
    expect((await admin.ask('/api/v1/status', { headers: basic })).status).toBe(401)
  })

  test('a wrong bearer token is not saved by a good cookie', async () => {
    const headers = { cookie: await admin.cookie(), ...bearer('wrong') }
    expect((await admin.ask('/api/v1/status', { headers })).status).toBe(401)
  })

  test('a token that is too short does not start', async () => {
    vi.stubEnv('ORIEL_ADMIN_TOKEN', 'short')
    await expect(testAdmin()).rejects.toThrow('ORIEL_ADMIN_TOKEN needs at least 16 characters')
  })

  test('five wrong ones a minute, then 429; what cannot be guessed stays good', async () => {
    for (let i = 0; i < 5; i++) expect((await logIn(`wrong ${i}`)).status).toBe(401)
    const sixth = await logIn('wrong again')
    expect([sixth.status, sixth.headers['retry-after']]).toEqual([429, '60'])
    expect((await logIn(ADMIN_TOKEN)).status).toBe(429)
    expect((await admin.ask('/api/v1/status', { headers: bearer(ADMIN_TOKEN) })).status).toBe(429)
    expect((await admin.ask('/login?token=wrong')).status).toBe(429)
    expect((await admin.ask('/api/v1/status', { headers: bearer(admin.cliToken) })).status).toBe(200)
    expect((await admin.ask(pathOf(admin.link()))).headers.location).toBe('/')
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_001 })
    expect((await logIn(ADMIN_TOKEN)).status).toBe(204)
  })

  test('neither the log nor the sessions file holds a secret', async () => {
    await admin.cookie()
    const cookie = await admin.cookie()
    await logIn('wrong-secret-canary')
    await admin.ask('/login?token=wrong-secret-canary')
    const text = admin.logged() + readFileSync(join(admin.data, 'sessions.json'), 'utf8')
    expect(text).toContain('this token is not known')
    for (const secret of ['canary', cookie.split('=')[1]!, ADMIN_TOKEN, admin.cliToken])
      expect(text).not.toContain(secret)
  })
})

describe('sessions', () => {
  let data: string
  beforeEach(() => {
    data = mkdtempSync(join(tmpdir(), 'oriel-sessions-'))
  })
  afterEach(() => rmSync(data, { recursive: true, force: true }))

  test('outlive a restart, in a file for the owner only', async () => {
    const before = await testAdmin({ data })
    const headers = { cookie: await before.cookie() }
    await before.stop()
    expect(statSync(join(data, 'sessions.json')).mode & 0o777).toBe(0o600)
    const after = await testAdmin({ data })
    expect((await after.ask('/api/v1/status', { headers })).status).toBe(200)
    await after.stop()
  })

  test('end with the logout, also after a restart', async () => {
    const before = await testAdmin({ data })
    const headers = { ...WRITE, cookie: await before.cookie() }
    const reply = await before.ask('/logout', { method: 'POST', headers })
    expect([reply.status, reply.headers['set-cookie']?.[0]]).toEqual([
      204,
      'oriel_session=; Max-Age=0; Path=/; HttpOnly; SameSite=Strict',
    ])
    expect((await before.ask('/api/v1/status', { headers })).status).toBe(401)
    await before.stop()
    const after = await testAdmin({ data })
    expect((await after.ask('/api/v1/status', { headers })).status).toBe(401)
    await after.stop()
  })

  test('end after seven days', async () => {
    const headers = { cookie: await admin.cookie() }
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 7 * 86_400_000 + 1 })
    expect((await admin.ask('/api/v1/status', { headers })).status).toBe(401)
  })

  test('a login ends the session that was there before', async () => {
    const headers = { cookie: await admin.cookie() }
    await admin.ask(pathOf(admin.link()), { headers })
    expect((await admin.ask('/api/v1/status', { headers })).status).toBe(401)
  })

  test('a file that is no sessions file means a new login, and says so', async () => {
    writeFileSync(join(data, 'sessions.json'), '{"version":1,"sessions":[{"hash":"../x"}]}')
    const other = await testAdmin({ data })
    expect(other.logged()).toContain('the saved sessions cannot be read')
    expect((await other.ask('/api/v1/status', { headers: { cookie: await other.cookie() } })).status).toBe(
      200,
    )
    await other.stop()
  })

  test('a data directory that takes no file still lets people in', async () => {
    const other = await testAdmin({ data: join(data, 'missing') })
    expect((await other.ask('/api/v1/status', { headers: { cookie: await other.cookie() } })).status).toBe(
      200,
    )
    expect(other.logged()).toContain('the sessions cannot be saved')
    await other.stop()
  })
})
