// The store thread's main: messages in, acknowledgements out, a tick each second.
import { parentPort, workerData } from 'node:worker_threads'
import type { FromStore, StoreSettings, ToStore } from './messages.ts'
import { Writer } from './writer.ts'

const TICK_MS = 1000

const port = parentPort!
const writer = new Writer(workerData as StoreSettings, {
  post: (message: FromStore) => port.postMessage(message),
})
writer.start()
const timer = setInterval(() => writer.tick(), TICK_MS)

function receive(message: ToStore): void {
  switch (message.type) {
    case 'records':
      return writer.records(message.json)
    case 'tally':
      return writer.tally(message.sequence, message.json)
    case 'event':
      return writer.event(message.event)
    case 'flush':
      writer.flush()
      port.postMessage({ type: 'flushed', id: message.id } satisfies FromStore)
      return
    case 'close':
      clearInterval(timer)
      writer.close()
      port.close()
  }
}

port.on('message', receive)
