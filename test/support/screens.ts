// Takes the pictures in docs/screens from a running Oriel: node test/support/screens.ts LOGIN-LINK [folder] [widths]
import { mkdirSync } from 'node:fs'
import type { Page } from 'playwright-core'
import type { ExchangePage } from '../../control/admin/contract.ts'
import { launchBrowser } from './browser.ts'

const [link, folder = 'docs/screens', widths = '1440'] = process.argv.slice(2)
if (link === undefined) throw new Error('usage: node test/support/screens.ts LOGIN-LINK [folder] [widths]')

const RANGE = 'from=now-5m&to=now'
const base = new URL(link).origin
const heights: Record<number, number> = { 390: 844 }

/** A page is done when its figures are there and its charts have drawn. */
async function settled(page: Page): Promise<void> {
  await page.waitForLoadState('domcontentloaded')
  await page.waitForFunction('document.querySelector("[aria-busy=true]") === null')
  await page.waitForTimeout(1500)
}

/** One that tells something: tried twice, else answered by an upstream. */
async function telling(page: Page): Promise<string> {
  for (const q of ['is:retried', 'cache:miss', '']) {
    const url = `${base}/api/v1/exchanges?${RANGE}&limit=1&q=${encodeURIComponent(q)}`
    const found = (await (await page.request.get(url)).json()) as ExchangePage
    if (found.rows[0] !== undefined) return found.rows[0].id
  }
  throw new Error('no request has been seen yet')
}

mkdirSync(folder, { recursive: true })
const browser = await launchBrowser()
const context = await browser.newContext()
const page = await context.newPage()
await page.goto(link)
const id = await telling(page)
const pages = [
  ['overview', `/?${RANGE}`],
  ['requests', `/requests?${RANGE}`],
  ['request', `/requests/${id}?${RANGE}`],
  ['upstreams', `/upstreams?${RANGE}`],
  ['cache', `/cache?${RANGE}`],
] as const
for (const width of widths.split(',').map(Number)) {
  await page.setViewportSize({ width, height: heights[width] ?? 900 })
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    for (const [name, path] of pages) {
      await page.goto(base + path)
      await settled(page)
      await page.screenshot({ path: `${folder}/${name}-${colorScheme}-${width}.png` })
    }
  }
}
await browser.close()
