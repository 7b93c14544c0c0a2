// 1 GB to a slow reader and 1 GB to a slow backend: whether the memory stays where it is.
import { workersOf } from '../cpu-scenario.ts'
import { askOnce, Helper } from '../load/helper.ts'
import type { Sample } from '../metrics.ts'
import { processTree } from '../proc/cpu.ts'
import { rssKb } from '../proc/resident.ts'
import type { Running, Scenario } from '../scenario.ts'

const ONE_GB = 1024 ** 3
const SAMPLE_EVERY_MS = 50
/** So that code is compiled before the baseline. */
const WARM_BYTES = 50 * 1024 ** 2

function watchRss(pids: readonly number[]) {
  const beforeKb = rssKb(pids)
  let peakKb = beforeKb
  return {
    sample: () => void (peakKb = Math.max(peakKb, rssKb(pids))),
    growthMb: () => (peakKb - beforeKb) / 1024,
  }
}

/** @returns how far RSS rose above what it was before, and how long the body took */
async function transfer(running: Running, direction: 'down' | 'up', bytes: number) {
  const watched = [watchRss(processTree(running.pid)), watchRss(workersOf(running))]
  const sampler = setInterval(() => {
    for (const watch of watched) watch.sample()
  }, SAMPLE_EVERY_MS)
  const startedMs = performance.now()
  try {
    const arrived = await askOnce<number>('load/big.ts', { port: running.ports.http, direction, bytes })
    if (arrived !== bytes) throw new Error(`${arrived} of ${bytes} bytes arrived, ${direction}`)
  } finally {
    clearInterval(sampler)
  }
  const [treeMb, workerMb] = watched.map(watch => watch.growthMb()) as [number, number]
  return { treeMb, workerMb, seconds: (performance.now() - startedMs) / 1000 }
}

async function measure(running: Running): Promise<Sample> {
  await transfer(running, 'down', WARM_BYTES)
  await transfer(running, 'up', WARM_BYTES)
  const down = await transfer(running, 'down', ONE_GB)
  const up = await transfer(running, 'up', ONE_GB)
  return {
    ...{ downWorkerMb: down.workerMb, downMb: down.treeMb, downSeconds: down.seconds },
    ...{ upWorkerMb: up.workerMb, upMb: up.treeMb, upSeconds: up.seconds },
    errors: 0,
  }
}

export const body1gb: Scenario = {
  name: 'body-1gb',
  about:
    '1 GB down to a slow reader, and up from a fast client to a slow backend (150 MB/s, half a second of silence ' +
    `after each 256 MB): the peak of RSS, taken every ${SAMPLE_EVERY_MS} ms, over what it was before, with 50 MB each way to warm up.`,
  unit: 'body',
  columns: ['downWorkerMb', 'downMb', 'downSeconds', 'upWorkerMb', 'upMb', 'upSeconds'],
  bars: [
    { metric: 'downMb', what: 'MB growth down (tree)', atMost: 30 },
    { metric: 'upMb', what: 'MB growth up (tree)', atMost: 30 },
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
