// The system's Chromium for tests, without a word to the outside.
import { type Browser, chromium } from 'playwright-core'
import { findProgram } from './find-program.ts'

const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export function launchBrowser(): Promise<Browser> {
  const executablePath = findProgram('CHROMIUM', ['chromium', 'chromium-browser', 'google-chrome'])
  if (executablePath === undefined) throw new Error('no Chromium: `npm test` installs it, or says how')
  return chromium.launch({ executablePath, args: ARGS })
}
