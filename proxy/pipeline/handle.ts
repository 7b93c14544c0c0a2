// A request's whole path, top to bottom. Start reading here.
import { errorReply } from './error-reply.ts'
import { ProxyError } from './errors.ts'
import type { Exchange, ForwardEnd, Pipeline } from './exchange.ts'
import type { Reply } from './reply.ts'

/** Down the stages to the one that answers, else to the upstream; back up; onto the wire. */
export function handle(x: Exchange, pipeline: Pipeline): void {
  x.pipeline = pipeline
  descend(x)
}

/** Each stage may answer. Only promises are awaited: what is synchronous stays so, and makes nothing. */
function descend(x: Exchange): void {
  const { stages, forward } = x.pipeline!
  try {
    while (x.depth < stages.length) {
      const stage = stages[x.depth++]!
      const outcome = stage.onRequest?.(x)
      if (outcome === undefined) continue
      x.answeredBy = stage.name
      if (outcome instanceof Promise) return waitFor(x, outcome)
      return ascend(x, outcome, x.depth - 1)
    }
    x.answeredBy = 'upstream'
    forward(x, answers)
  } catch (error) {
    rescue(x, error)
  }
}

function waitFor(x: Exchange, outcome: Promise<Reply | void>): void {
  outcome.then(
    reply => {
      x.touch()
      if (reply) ascend(x, reply, x.depth - 1)
      else descend(x)
    },
    error => rescue(x, error),
  )
}

/** The upstream's end of the path. */
const answers: ForwardEnd = {
  replied: (x, reply) => ascend(x, reply, x.depth - 1),
  failed: (x, error) => rescue(x, error),
}

/** Bottom to top: each stage passed may amend the reply. */
function ascend(x: Exchange, reply: Reply, from: number): void {
  const { stages } = x.pipeline!
  try {
    for (let i = x.dry ? -1 : from; i >= 0; i--) {
      const pending = stages[i]!.onReply?.(x, reply)
      if (!(pending instanceof Promise)) continue
      const next = i - 1
      pending.then(
        () => {
          x.touch()
          ascend(x, reply, next)
        },
        error => send(x, failure(x, asProxyError(error))),
      )
      return
    }
  } catch (error) {
    // A stage failed on the way up: too late to rescue, in time for an error page.
    return send(x, failure(x, asProxyError(error)))
  }
  send(x, reply)
}

/** The nearest stage above that can answer in the failed one's stead, else an error page. */
function rescue(x: Exchange, cause: unknown): void {
  const error = asProxyError(cause)
  x.touch()
  if (x.answeredBy !== 'upstream') x.answeredBy = x.pipeline!.stages[x.depth - 1]?.name ?? 'upstream'
  void rescued(x, error).then(
    reply => ascend(x, reply, x.depth - 1),
    again => send(x, failure(x, asProxyError(again))),
  )
}

/** Failures are rare enough for promises. */
async function rescued(x: Exchange, error: ProxyError): Promise<Reply> {
  const page = failure(x, error)
  const { stages } = x.pipeline!
  for (let i = x.depth - 1; i >= 0; i--) {
    const reply = await stages[i]!.onError?.(x, error)
    if (!reply) continue
    x.answeredBy = stages[i]!.name
    return reply
  }
  return page
}

function failure(x: Exchange, error: ProxyError): Reply {
  x.error = error.type
  x.errorText = error.message
  return errorReply(x, error)
}

function send(x: Exchange, reply: Reply): void {
  if (x.aborted) return reply.discard()
  x.repliedMs = x.atMs
  x.status = reply.status
  x.replyHeaders = reply.headers
  x.wire.send(x, reply)
}

/** The wire calls this exactly once per exchange, after its last byte or its abort. */
export function finish(x: Exchange, observe: (x: Exchange) => void): void {
  if (x.finished) return
  x.finished = true
  const stages = x.pipeline?.stages ?? []
  for (let i = 0; i < x.depth; i++) stages[i]?.onFinish?.(x)
  observe(x)
}

/** The client left: stop whoever works for it. */
export function abort(x: Exchange): void {
  if (x.aborted || x.finished) return
  x.aborted = true
  x.touch()
  if (x.error === '') x.error = 'client_aborted'
  x.work?.abandoned()
}

function asProxyError(error: unknown): ProxyError {
  if (error instanceof ProxyError) return error
  const message = error instanceof Error ? error.message : String(error)
  return new ProxyError('proxy_internal_error', message, { cause: error })
}
