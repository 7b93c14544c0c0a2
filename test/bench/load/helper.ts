// A helper process: a load or a backend of our own beside the benchmark, asked by messages, its CPU not counted.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { stopChild } from '../child.ts'

export class Helper {
  readonly #child: ChildProcess
  readonly #name: string

  /** @param file beside `test/bench/`; it calls `answer()` */
  constructor(file: string) {
    this.#name = file
    this.#child = fork(path.join(import.meta.dirname, '..', file), {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
  }

  /** One question at a time. Rejects when the helper fails or ends. */
  async ask<Answer>(question: object): Promise<Answer> {
    const stopped = new AbortController()
    try {
      this.#child.send(question)
      const [message] = await Promise.race([
        once(this.#child, 'message', { signal: stopped.signal }),
        once(this.#child, 'exit', { signal: stopped.signal }).then(() => {
          throw new Error(`${this.#name} ended`)
        }),
      ])
      const { answer, error } = message as { answer: Answer; error?: string }
      if (error !== undefined) throw new Error(error)
      return answer
    } finally {
      stopped.abort()
    }
  }

  stop(): Promise<void> {
    return stopChild(this.#child)
  }
}

/** Asks a helper that lives for this question alone. */
export async function askOnce<Answer>(file: string, question: object): Promise<Answer> {
  const helper = new Helper(file)
  try {
    return await helper.ask<Answer>(question)
  } finally {
    await helper.stop()
  }
}
