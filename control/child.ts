// A child process that is started again when it dies: the demo's shops and visitors.
import { type ChildProcess, fork } from 'node:child_process'
import { Backoff } from './backoff.ts'

export interface Child {
  /** From now on it may end; it is not started again. */
  letGo(): void
  /** Resolves when it is gone; one that does not go within `withinMs` is killed. */
  stop(withinMs: number): Promise<void>
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
  let exited: Promise<void>
  let stopping = false
  let timer: NodeJS.Timeout | undefined
  const start = () => {
    // Little memory: the shop's heap stays within a few megabytes.
    child = fork(file, args(), {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      execArgv: ['--max-semi-space-size=1'],
    })
    child.on('message', onMessage)
    exited = new Promise(resolve => child.once('exit', () => resolve()))
    void exited.then(() => {
      if (!stopping) timer = setTimeout(start, backoff.next(Date.now()))
    })
  }
  const letGo = () => {
    stopping = true
    clearTimeout(timer)
  }
  start()
  return {
    letGo,
    async stop(withinMs) {
      letGo()
      if (child.connected) child.disconnect()
      const cut = setTimeout(() => child.kill('SIGKILL'), withinMs)
      await exited
      clearTimeout(cut)
    },
  }
}
