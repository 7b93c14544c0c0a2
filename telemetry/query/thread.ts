// The query thread's main: one question after the other, each with its own time budget.
import { parentPort, workerData } from 'node:worker_threads'
import { answer } from './answer.ts'
import { newContext } from './context.ts'
import { QueryError } from './query-error.ts'
import type { Params, Question, Reply } from './questions.ts'
import { Reader } from './reader.ts'

/** From asking to answering; the control process waits a little longer. */
const BUDGET_MS = 2000

const port = parentPort!
const readyMs = Date.now()
const reader = new Reader((workerData as { dataDir: string }).dataDir)

function reply({ id, askedMs, name, params }: Question): Reply {
  try {
    const context = newContext(reader, BUDGET_MS - (Date.now() - Math.max(askedMs, readyMs)))
    context.deadline.check()
    return { id, answer: answer(name, params as Params<typeof name>, context) }
  } catch (error) {
    if (error instanceof QueryError) {
      return { id, error: { status: error.status, message: error.message, position: error.position } }
    }
    const message = error instanceof Error ? error.message : String(error)
    return { id, error: { status: 500, message: `the question failed: ${message}`, position: null } }
  }
}

port.on('message', (question: Question) => port.postMessage(reply(question)))
