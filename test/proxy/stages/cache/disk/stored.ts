// Stored responses for the tests of the disk tier, and a keeper in the test's own process.
import { hash } from 'node:crypto'
import { join } from 'node:path'
import type { StoredHead } from '../../../../../proxy/stages/cache/disk/frames.ts'
import { Keeper } from '../../../../../proxy/stages/cache/disk/keeper.ts'
import { DiskTier } from '../../../../../proxy/stages/cache/disk/tier.ts'
import { type OpenDriver, openDriver } from '../../../../../telemetry/store/driver.ts'
import { eventually } from '../../../../support/oriel.ts'

export const NOW = Date.UTC(2026, 0, 1)

export function stored(primary: string, given: Partial<StoredHead> = {}): StoredHead {
  return {
    primary,
    suffix: '',
    names: [],
    status: 200,
    head: ['content-type', 'text/plain', 'date', new Date(NOW).toUTCString()],
    freshness: JSON.stringify({ lifetimeS: 3600, bornMs: NOW, vary: [], rules: {} }),
    storedMs: NOW,
    bornMs: NOW,
    lifetimeS: 3600,
    graceS: 0,
    tags: [],
    route: 'app.test',
    ...given,
  }
}

/** What only this key can have: an answer of another one, or of two, is seen. */
export function bodyOf(primary: string, bytes = 2000): Buffer {
  const piece = hash('sha256', primary, 'hex')
  return Buffer.from(piece.repeat(Math.ceil(bytes / piece.length)).slice(0, bytes))
}

export interface TestKeeper {
  keeper: Keeper
  events: string[]
  file: string
  socket: string
}

export function startKeeper(
  directory: string,
  {
    budgetBytes = 64 * 1024 ** 2,
    retryMs = 0,
    open = openDriver,
  }: {
    budgetBytes?: number
    retryMs?: number
    open?: OpenDriver
  } = {},
): TestKeeper {
  const events: string[] = []
  const file = join(directory, 'cache.db')
  const socket = join(directory, 'cache.sock')
  const settings = { file, socket, budgetBytes, retryMs, epoch: 0 }
  const keeper = new Keeper(settings, { open, now: Date.now, event: text => events.push(text) })
  keeper.start()
  return { keeper, events, file, socket }
}

/** A worker's end, connected and with all keys. */
export async function connect(socket: string, invalidated: string[] = []): Promise<DiskTier> {
  const tier = new DiskTier(socket, { invalidated: key => invalidated.push(key), used: () => [] }, 20_000)
  await eventually(
    async () => tier.known,
    known => known,
  )
  return tier
}
