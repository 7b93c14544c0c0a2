// `node test/bench/cache-start.ts`: a cache of 100,000 entries of 2 KB on disk: how soon it answers, and what a miss costs.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { NO_DIRECTIVES } from '../../proxy/stages/cache/directives.ts'
import type { StoredHead } from '../../proxy/stages/cache/disk/frames.ts'
import { identOf } from '../../proxy/stages/cache/disk/ident.ts'
import { KeySet } from '../../proxy/stages/cache/disk/key-set.ts'
import { openShelf } from '../../proxy/stages/cache/disk/open-shelf.ts'
import { Shelf } from '../../proxy/stages/cache/disk/shelf.ts'
import { openDriver } from '../../telemetry/store/driver.ts'
import { freePort, startChild } from './child.ts'

const { values } = parseArgs({ options: { entries: { type: 'string', default: '100000' } } })
const entries = Number(values.entries)
const BODY_BYTES = 2048
const BATCH = 2000
const LOOKUPS = 200_000

const keyOf = (port: number, n: number) => `http://127.0.0.1:${port}/products/${n}`

function storedAs(primary: string): StoredHead {
  const nowMs = Date.now()
  return {
    ...{ primary, suffix: '', names: [], status: 200, route: '*', tags: [], graceS: 0, lifetimeS: 3600 },
    head: ['content-type', 'application/json', 'content-length', String(BODY_BYTES)],
    freshness: JSON.stringify({ lifetimeS: 3600, bornMs: nowMs, vary: [], rules: NO_DIRECTIVES }),
    ...{ storedMs: nowMs, bornMs: nowMs },
  }
}

function fill(file: string, port: number): void {
  const db = openShelf(file, openDriver, () => {})
  const shelf = new Shelf(db, 1024 ** 3, { gone: () => {} })
  const body = Buffer.alloc(BODY_BYTES, 'oriel ')
  for (let n = 0; n < entries; n += BATCH) {
    db.transaction(() => {
      for (let i = n; i < n + BATCH; i++) shelf.put(storedAs(keyOf(port, i)), body, Date.now())
      shelf.setState('entries', shelf.entries)
    })
  }
  db.close()
}

/** What a worker does to know that a key is not on disk. */
function missUs(): number {
  const keys = new KeySet()
  for (let n = 0; n < entries; n++) keys.add(identOf(keyOf(80, n)))
  const texts = Array.from({ length: LOOKUPS }, (_, n) => keyOf(80, entries + n))
  let found = 0
  const begunMs = performance.now()
  for (const text of texts) if (keys.has(identOf(text))) found++
  const tookUs = ((performance.now() - begunMs) * 1000) / LOOKUPS
  if (found > LOOKUPS / 1000) throw new Error(`the filter takes ${found} of ${LOOKUPS} keys for its own`)
  return tookUs
}

async function firstHit(folder: string, port: number): Promise<{ ms: number; status: string }> {
  const file = path.join(folder, 'oriel.yaml')
  writeFileSync(
    file,
    `listen: { http: 127.0.0.1:${port}, https: 127.0.0.1:0 }\nadmin: 127.0.0.1:0\nworkers: 1\ndata: ${folder}/data\n` +
      `routes: { '*': { to: '127.0.0.1:9', cache: true } }\n`,
  )
  const bin = path.join(import.meta.dirname, '../../control/bin.cjs')
  const begunMs = performance.now()
  const env = { NODE_ENV: 'production', ORIEL_LOG: 'error' }
  const oriel = await startChild(
    { command: [process.execPath, bin, 'run', file], env },
    [port],
    path.join(folder, 'output'),
  )
  try {
    // Whatever is not answered from the cache is a 502: there is no backend.
    for (;;) {
      const answer = await fetch(keyOf(port, entries >> 1))
      await answer.arrayBuffer()
      const ms = performance.now() - begunMs
      if (answer.status === 200) return { ms, status: answer.headers.get('cache-status') ?? '' }
      if (ms > 20_000) throw new Error(`no hit in time: ${answer.status}`)
    }
  } finally {
    await oriel.stop()
  }
}

const folder = mkdtempSync(path.join(tmpdir(), 'oriel-cache-start-'))
try {
  const port = await freePort()
  mkdirSync(path.join(folder, 'data'))
  fill(path.join(folder, 'data', 'cache.db'), port)
  // Twice: the first start makes certificates and has nothing compiled.
  await firstHit(folder, port)
  const { ms, status } = await firstHit(folder, port)
  process.stdout.write(
    `${entries} entries of 2 KB: from the spawn to the first hit ${ms.toFixed(0)} ms (${status})\n`,
  )
  process.stdout.write(`a lookup that finds nothing: ${missUs().toFixed(2)} µs\n`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
