// What a person sees: log in by the link, watch the traffic, filter it, open one request, and be able to read it.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { ExchangePage } from '../../control/admin/contract.ts'
import { launchBrowser } from '../support/browser.ts'
import { startLoad } from '../support/load.ts'
import { eventually, type RunningOriel, startOriel } from '../support/oriel.ts'
import { startUpstream, type TestUpstream } from '../support/upstream.ts'

const require = createRequire(import.meta.url)
const axeSource = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')

let upstream: TestUpstream
let oriel: RunningOriel
let browser: Browser
let page: Page
let complaints: string[]

const visit = (path: string, host = 'app.test') =>
  `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nUser-Agent: e2e\r\n\r\n`

async function send(count: number, path: string): Promise<void> {
  await startLoad({ port: oriel.http, requests: () => visit(path), connections: 2, total: count }).done
}

async function signIn(theme: 'dark' | 'light' = 'dark', width = 1440): Promise<void> {
  const context = await browser.newContext({
    colorScheme: theme,
    viewport: { width, height: 900 },
    reducedMotion: 'reduce',
  })
  page = await context.newPage()
  complaints = []
  page.on('console', message => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  page.on('pageerror', error => complaints.push(String(error)))
  page.on('request', request => {
    if (!request.url().startsWith(oriel.admin) && !request.url().startsWith('data:'))
      complaints.push(`asked ${request.url()}`)
  })
  const { link } = await oriel.api<{ link: string }>('/api/v1/link', { method: 'POST', body: '{}' })
  await page.goto(link)
  await page.getByRole('navigation').first().waitFor()
}

/** Serious and critical findings of axe for WCAG A and AA. */
async function barriers(): Promise<string[]> {
  await page.evaluate(axeSource)
  const found = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(options: unknown): Promise<{ violations: Violation[] }> }
    }
    interface Violation {
      id: string
      impact: string
      nodes: { html: string }[]
    }
    const result = await axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] })
    return result.violations.map(
      ({ id, impact, nodes }) => `${impact} ${id}: ${nodes[0]?.html.slice(0, 200)}`,
    )
  })
  return found
}

beforeAll(async () => {
  upstream = await startUpstream((request, response) => {
    if (request.url === '/fails') response.statusCode = 500
    if (request.url === '/kept') {
      response.setHeader('cache-control', 'max-age=600')
      response.setHeader('cache-tag', 'shelf')
    }
    response.end('ok')
  })
  oriel = await startOriel(
    `  app.test: { to: '127.0.0.1:${upstream.port}', cache: true, limit: 1000/s }\n`,
    'workers: 1\n',
  )
  browser = await launchBrowser()
})
afterAll(async () => {
  await browser.close()
  await oriel.stop()
  await upstream.close()
})
beforeEach(() => signIn())
afterEach(() => page.context().close())

test('without a login there is only the way to log in', async () => {
  const stranger = await (await browser.newContext()).newPage()
  await stranger.goto(`${oriel.admin}/requests`)
  await stranger.getByRole('textbox').first().waitFor()
  expect(stranger.url()).toContain('/login')
  await stranger.context().close()
})

test('the overview shows what happened, without a reload of the page', async () => {
  await page.goto(`${oriel.admin}/`)
  await send(40, '/seen')
  await page.getByRole('table').getByText('app.test').first().waitFor()
  await page.getByText('127.0.0.1', { exact: false }).first().waitFor()
  expect(await barriers()).toEqual([])
  expect(complaints).toEqual([])
})

test('requests appear as they happen, a filter narrows them, and one opens with its decisions', async () => {
  await page.goto(`${oriel.admin}/requests`)
  const list = page.getByLabel('Requests, newest first')
  await send(3, '/live-one')
  await list.getByText('/live-one').first().waitFor()
  await send(2, '/fails')
  await list.getByText('/fails').first().waitFor()
  await page.goto(`${oriel.admin}/requests?q=${encodeURIComponent('status:5xx')}`)
  await list.getByText('/fails').first().waitFor()
  expect(await list.getByText('/live-one').count()).toBe(0)
  expect(await barriers()).toEqual([])
  await list.getByText('/fails').first().click()
  await page.getByText('forward', { exact: true }).first().waitFor()
  await page
    .getByText(/started a new trace|new trace/i)
    .first()
    .waitFor()
  expect(complaints).toEqual([])
})

test('an own page for one request can be linked to', async () => {
  await send(1, '/linked')
  const rows = await eventually(
    () => oriel.api<ExchangePage>('/api/v1/exchanges?from=now-15m&to=now&limit=1&q=path:/linked'),
    found => found.rows.length > 0,
  )
  await page.goto(`${oriel.admin}/requests/${rows.rows[0]!.id}`)
  await page.getByText('/linked').first().waitFor()
  expect(await barriers()).toEqual([])
  expect(complaints).toEqual([])
})

test('upstreams show their state', async () => {
  await send(5, '/up')
  await page.goto(`${oriel.admin}/upstreams`)
  await page.getByText(`127.0.0.1:${upstream.port}`).first().waitFor()
  expect(await barriers()).toEqual([])
  expect(complaints).toEqual([])
})

test('the cache shows what it holds, and a purge says first how many it would take', async () => {
  await page.goto(`${oriel.admin}/cache`)
  await send(10, '/kept')
  const stored = page.getByRole('region', { name: 'Stored responses' })
  await stored.getByText('/kept').first().waitFor()
  await stored.getByRole('button', { name: 'shelf' }).click()
  await stored.getByText('1 in all').waitFor()
  expect(await barriers()).toEqual([])
  await stored.getByRole('button', { name: /^Purge http/ }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('1 response would go').waitFor()
  expect(await barriers()).toEqual([])
  await dialog.getByRole('button', { name: 'Purge', exact: true }).click()
  await dialog.getByText('1 response purged').waitFor()
  await page.keyboard.press('Escape')
  await stored.getByText('Nothing that is stored matches.').waitFor()
  await stored.getByRole('button', { name: 'Purge…' }).click()
  await dialog.getByLabel('Purge by').selectOption('url')
  await dialog.getByRole('textbox').fill('no url')
  await dialog.getByText('expected an absolute URL').waitFor()
  // The browser itself reports the refused dry run.
  expect(complaints.filter(text => !text.includes('400'))).toEqual([])
})

test('a filter that cannot be read says where it is wrong', async () => {
  await page.goto(`${oriel.admin}/requests?q=${encodeURIComponent('duration:>fast')}`)
  await page
    .getByText(/duration|fast/)
    .first()
    .waitFor()
  await page.getByRole('alert').first().waitFor()
})

test.each([
  ['dark', 390],
  ['light', 390],
  ['light', 1024],
] as const)('%s at %d px: nothing scrolls sideways and nothing bars the way', async (theme, width) => {
  await page.context().close()
  await signIn(theme, width)
  for (const path of ['/', '/requests', '/upstreams', '/cache']) {
    await page.goto(`${oriel.admin}${path}`)
    await page.getByRole('main').waitFor()
    expect(
      await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth'),
    ).toBeLessThanOrEqual(0)
    expect(await barriers()).toEqual([])
  }
})
