// A request's whole path, top to bottom. Start reading here.
import { nowMs } from '../lib/clock.ts'
import { errorReply } from './error-reply.ts'
import { ProxyError } from './errors.ts'
import type { Exchange, Pipeline } from './exchange.ts'
import type { Reply } from './reply.ts'

/** Down the stages to the one that answers, else to the upstream; back up; onto the wire. */
export async function handle(x: Exchange, pipeline: Pipeline): Promise<void> {
  x.pipeline = pipeline
  let reply: Reply
  try {
    reply = await answer(x, pipeline)
  } catch (error) {
    reply = failed(x, error)
  }
  if (x.aborted) return reply.discard()
  x.repliedMs = nowMs()
  x.status = reply.status
  x.replyHeaders = reply.headers
  x.wire.send(x, reply)
}

async function answer(x: Exchange, pipeline: Pipeline): Promise<Reply> {
  const { stages } = pipeline
  let reply: Reply | undefined
  try {
    for (; x.depth < stages.length && !reply; x.depth++) {
      const outcome = stages[x.depth]!.onRequest?.(x)
      reply = (outcome instanceof Promise ? await outcome : outcome) ?? undefined
    }
    x.answeredBy = reply ? stages[x.depth - 1]!.name : 'upstream'
    reply ??= await pipeline.forward(x)
  } catch (error) {
    reply = await rescue(x, pipeline, asProxyError(error))
  }
  return x.dry ? reply : ascend(x, pipeline, reply)
}

/** Bottom to top: each stage passed may amend the reply. */
async function ascend(x: Exchange, { stages }: Pipeline, reply: Reply): Promise<Reply> {
  for (let i = x.depth - 1; i >= 0; i--) {
    const pending = stages[i]!.onReply?.(x, reply)
    if (pending instanceof Promise) await pending
  }
  return reply
}

/** The nearest stage above that can answer in the failed one's stead, else an error page. */
async function rescue(x: Exchange, { stages }: Pipeline, error: ProxyError): Promise<Reply> {
  x.error = error.type
  x.errorText = error.message
  for (let i = Math.min(x.depth, stages.length - 1); i >= 0; i--) {
    const outcome = stages[i]!.onError?.(x, error)
    const reply = outcome instanceof Promise ? await outcome : outcome
    if (!reply) continue
    x.answeredBy = stages[i]!.name
    return reply
  }
  x.answeredBy = stages[x.depth]?.name ?? 'upstream'
  return errorReply(x, error)
}

/** A stage failed on the way up: too late to rescue, in time for an error page. */
function failed(x: Exchange, error: unknown): Reply {
  const known = asProxyError(error)
  x.error = known.type
  x.errorText = known.message
  return errorReply(x, known)
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
  if (x.error === '') x.error = 'client_aborted'
  x.onAbort?.()
}

function asProxyError(error: unknown): ProxyError {
  if (error instanceof ProxyError) return error
  const message = error instanceof Error ? error.message : String(error)
  return new ProxyError('proxy_internal_error', message, { cause: error })
}
