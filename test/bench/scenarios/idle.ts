// Idle kept-alive connections: the memory that one takes.
import { Agent, get } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { SMALL_BYTES, startNginxBackend } from '../backends/nginx.ts'
import { workersOf } from '../cpu-scenario.ts'
import { Helper } from '../load/helper.ts'
import type { Sample } from '../metrics.ts'
import { processTree } from '../proc/cpu.ts'
import { resident } from '../proc/resident.ts'
import type { Running, Scenario } from '../scenario.ts'

/**
 * So that code is loaded, and compiled, before the baseline: what a process takes once for that is no connection's.
 * One connection after the other: a process that has just been under load has spare heap, in which thousands would hide.
 */
const WARM_CONNECTIONS = 300
const WARM_REQUESTS = 5
/** Collectors and allocators give back what they no longer need in this time, or keep it. */
const SETTLE_MS = 3000

function memory(running: Running) {
  const [worker, tree] = [resident(workersOf(running)), resident(processTree(running.pid))]
  return { worker: worker.anonymousKb, tree: tree.anonymousKb, treeRss: tree.rssKb }
}

/** One connection's requests; then it is closed. */
async function askOnOne(url: string): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  for (let i = 0; i < WARM_REQUESTS; i++)
    await new Promise<void>((resolve, reject) => {
      get(url, { agent }, answer => answer.resume().once('end', resolve)).once('error', reject)
    })
  agent.destroy()
}

async function measure(running: Running): Promise<Sample> {
  const url = `http://127.0.0.1:${running.ports.http}/json`
  const client = new Helper('load/idle.ts')
  let before = memory(running)
  const open = async (connections: number) => {
    const question = { port: running.ports.http, connections, path: '/json', bodyBytes: SMALL_BYTES }
    const closed = await client.ask<number>(question)
    await delay(SETTLE_MS)
    if (closed > 0) throw new Error(`${closed} of ${connections} idle connections were closed`)
    const now = memory(running)
    const each = (key: keyof typeof now) => (now[key] - before[key]) / connections
    return { worker: each('worker'), tree: each('tree'), treeRss: each('treeRss') }
  }
  try {
    for (let i = 0; i < WARM_CONNECTIONS; i++) await askOnOne(url)
    await delay(SETTLE_MS)
    before = memory(running)
    const [few, many] = [await open(1000), await open(10_000)]
    return {
      ...{ worker1000Kb: few.worker, tree1000Kb: few.tree, tree1000RssKb: few.treeRss },
      ...{ worker10000Kb: many.worker, tree10000Kb: many.tree, tree10000RssKb: many.treeRss },
      errors: 0,
    }
  } finally {
    await client.stop()
  }
}

export const idle: Scenario = {
  name: 'idle',
  about:
    'Memory of one idle kept-alive connection after one request: growth of anonymous pages, shared ones counted once (and of RSS), over a process that has ' +
    'served 300 connections of 5 requests one by one, divided by 1,000 and by 10,000 connections. nginx and HAProxy reserve part ' +
    'of theirs at their start, which is not in it; nor is what the kernel holds.',
  unit: 'connection',
  columns: ['worker1000Kb', 'tree1000Kb', 'tree1000RssKb', 'worker10000Kb', 'tree10000Kb', 'tree10000RssKb'],
  bars: [
    { metric: 'tree1000Kb', what: 'KB per connection at 1,000 (tree)', atMost: 12 },
    { metric: 'tree10000Kb', what: 'KB per connection at 10,000 (tree)', atMost: 12 },
  ],
  needs: [],
  atMostRounds: 3,
  fresh: true,
  startBackend: startNginxBackend,
  measure,
}
