// The main of the thread that keeps the disk tier: purges and questions of the control process, a tick each second.
import { setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { openDriver } from '../../../../telemetry/store/driver.ts'
import { Keeper } from './keeper.ts'
import type { FromThread, KeeperSettings, ToThread } from './messages.ts'

const TICK_MS = 1000
/** A tenth of the weight of what serves, so that lookups go on when every core is busy. */
const NICENESS = 10
/** Workers have ended when this thread is told to: their last words lie in the sockets. */
const LAST_WORDS_MS = 1000

// Where cores are short, requests come first. Only on Linux is a priority one thread's own (setpriority(2)).
if (process.platform === 'linux') setPriority(NICENESS)

const port = parentPort!
const post = (message: FromThread) => port.postMessage(message)
const keeper = new Keeper(workerData as KeeperSettings, {
  open: openDriver,
  now: Date.now,
  event: text => post({ type: 'event', text }),
})
keeper.start()
const tick = () => {
  keeper.tick()
  post({ type: 'health', health: keeper.health })
}
const timer = setInterval(tick, TICK_MS)
tick()

async function receive(message: ToThread): Promise<void> {
  if (message.type === 'purge') {
    post({ type: 'purged', id: message.id, purged: keeper.purge(message.epoch, message.purge) })
    return
  }
  clearInterval(timer)
  await keeper.end(LAST_WORDS_MS)
  port.close()
}

port.on('message', receive)
