// A child process that is started again when it dies: the demo's shops and visitors.
import { type ChildProcess, fork } from 'node:child_process'
import { Backoff } from './backoff.ts'

export interface Child {
  stop(): void
}

/**
 * @param args asked at every start
 * @param onMessage each message it sends
 */
export function startChild(
  file: string,
  args: () => string[],
  onMessage: (message: unknown) => void = () => {},
): Child {
  const backoff = new Backoff()
  let child: ChildProcess
  let stopping = false
  let timer: NodeJS.Timeout | undefined
  const start = () => {
    // Little memory: the shop's heap stays within a few megabytes.
    child = fork(file, args(), {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      execArgv: ['--max-semi-space-size=1'],
    })
    child.on('message', onMessage)
    child.once('exit', () => {
      if (!stopping) timer = setTimeout(start, backoff.next(Date.now()))
    })
  }
  start()
  return {
    stop() {
      stopping = true
      clearTimeout(timer)
      if (child.connected) child.disconnect()
    },
  }
}
