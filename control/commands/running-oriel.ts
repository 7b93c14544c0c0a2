// The running Oriel, as commands reach it: over its admin API, with the token from its data directory.
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { load } from '../../config/load.ts'
import type { Config } from '../../config/schema.ts'
import { type Discovered, discover } from '../discovery.ts'
import { Fault } from '../fault.ts'
import { DEMO_FILE } from './demo-file.ts'
import { DEFAULT_FILE } from './run.ts'

const TIMEOUT_MS = 15_000

/** The configuration a command is about: the one named, else oriel.yaml here, else the demo's. */
export async function configFor(named: string | undefined): Promise<{ file: string; config: Config }> {
  const file = named ?? (!existsSync(DEFAULT_FILE) && existsSync(DEMO_FILE) ? DEMO_FILE : DEFAULT_FILE)
  const outcome = await load(file)
  if (!outcome.ok) throw new Fault(outcome.problems.join('\n'))
  return { file, config: outcome.config }
}

export interface RunningOriel {
  /** @throws Fault with what the API answered */
  post<T>(path: string, body: object): Promise<T>
}

/** @returns undefined when none answers */
export async function runningOriel(data: string): Promise<RunningOriel | undefined> {
  const found = await discovered(data)
  if (found === undefined) return undefined
  try {
    await fetch(`${found.admin}/healthz`, { signal: AbortSignal.timeout(TIMEOUT_MS) })
  } catch {
    return undefined
  }
  return { post: (path, body) => post(found, path, body) }
}

/** From the environment where Oriel runs elsewhere (a container), else from the data directory. */
async function discovered(data: string): Promise<Pick<Discovered, 'admin' | 'token'> | undefined> {
  const { ORIEL_ADMIN: admin, ORIEL_ADMIN_TOKEN: token } = process.env
  return admin !== undefined && token !== undefined ? { admin, token } : discover(resolve(data))
}

async function post<T>(
  { admin, token }: Pick<Discovered, 'admin' | 'token'>,
  path: string,
  body: object,
): Promise<T> {
  const response = await fetch(`${admin}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'x-oriel-request': '1' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })
  const answer = (await response.json()) as T & { error?: { message: string } }
  if (!response.ok) throw new Fault(`${response.status}: ${answer.error?.message ?? 'no reason given'}`)
  return answer
}

/** For commands that make no sense without one. */
export async function needRunningOriel(named: string | undefined): Promise<RunningOriel> {
  const { file, config } = await configFor(named)
  const running = await runningOriel(config.data)
  if (running === undefined) throw new Fault(`no Oriel is running with ${file}`)
  return running
}
