// 1 GB to a slow reader and 1 GB to a slow backend: whether the memory stays where it is.
import { askOnce, Helper } from '../load/helper.ts'
import type { Sample } from '../metrics.ts'
import { processTree } from '../proc/cpu.ts'
import { rssKb } from '../proc/resident.ts'
import type { Running, Scenario } from '../scenario.ts'

const ONE_GB = 1024 ** 3
const SAMPLE_EVERY_MS = 50
/** So that code is compiled before the baseline. */
const WARM_BYTES = 50 * 1024 ** 2

/** @returns how far the tree's RSS rose above what it was before, and how long the body took */
async function transfer(running: Running, direction: 'down' | 'up', bytes: number) {
  const tree = processTree(running.pid)
  const beforeKb = rssKb(tree)
  let peakKb = beforeKb
  const sampler = setInterval(() => (peakKb = Math.max(peakKb, rssKb(tree))), SAMPLE_EVERY_MS)
  const startedMs = performance.now()
  try {
    const arrived = await askOnce<number>('load/big.ts', { port: running.ports.http, direction, bytes })
    if (arrived !== bytes) throw new Error(`${arrived} of ${bytes} bytes arrived, ${direction}`)
  } finally {
    clearInterval(sampler)
  }
  return { mb: (peakKb - beforeKb) / 1024, seconds: (performance.now() - startedMs) / 1000 }
}

async function measure(running: Running): Promise<Sample> {
  await transfer(running, 'down', WARM_BYTES)
  await transfer(running, 'up', WARM_BYTES)
  const down = await transfer(running, 'down', ONE_GB)
  const up = await transfer(running, 'up', ONE_GB)
  return { downMb: down.mb, downSeconds: down.seconds, upMb: up.mb, upSeconds: up.seconds, errors: 0 }
}

export const body1gb: Scenario = {
  name: 'body-1gb',
  about:
    '1 GB down to a slow reader, and up from a fast client to a slow backend (150 MB/s, half a second of silence ' +
    `after each 256 MB): the peak of the tree's RSS, taken every ${SAMPLE_EVERY_MS} ms, over what it was before.`,
  unit: 'body',
  columns: ['downMb', 'downSeconds', 'upMb', 'upSeconds'],
  bars: [
    { metric: 'downMb', atMost: 30 },
    { metric: 'upMb', atMost: 30 },
  ],
  needs: [],
  atMostRounds: 3,
  fresh: true,
  async startBackend() {
    const helper = new Helper('backends/big-server.ts')
    return { port: await helper.ask<number>({}), stop: () => helper.stop() }
  },
  measure,
}
