// Trace: joins the caller's W3C trace or starts one, and gives every request an id that its client is told.
import { randomHex } from '../lib/random-id.ts'
import { cleanTracestate, parseTraceparent } from '../lib/trace-context.ts'
import type { Exchange } from '../pipeline/exchange.ts'
import type { StageModule } from '../pipeline/stage.ts'

export interface TraceConfig {
  trust: 'all' | 'trusted' | 'none'
}

const SAFE_ID = /^[\w.:+=/@~-]{1,128}$/

export const trace: StageModule<TraceConfig> = {
  name: 'trace',
  schema: z =>
    z
      .strictObject({
        trust: z
          .enum(['all', 'trusted', 'none'])
          .default('all')
          .describe(
            'Whose traceparent is joined: everybody’s, only that of peers in trustedProxies, or nobody’s (each request then starts its own trace).',
          ),
      })
      .describe('How the request’s W3C trace begins.'),
  fallback: { trust: 'all' },
  create: ({ trust }) => ({
    name: 'trace',
    onRequest(x) {
      x.spanId = randomHex(16)
      x.requestId = requestId(x)
      const reason = begin(x, trust === 'all' || (trust === 'trusted' && x.trusted))
      x.note('trace', reason)
    },
    onReply(x, reply) {
      reply.headers.set('x-request-id', x.requestId)
    },
  }),
}

/** Sets the exchange's trace fields. @returns what happened, in one word */
function begin(x: Exchange, trusted: boolean): 'joined' | 'started' | 'invalid' | 'restarted' {
  const inbound = x.headers.list('traceparent')
  const parent = inbound === undefined || !trusted ? undefined : parseTraceparent(inbound)
  if (parent === undefined) {
    x.traceId = randomHex(32)
    x.traceFlags = 1
    if (inbound === undefined) return 'started'
    // Section 3.3: tracestate must not be parsed when traceparent is not valid or not kept.
    return trusted ? 'invalid' : 'restarted'
  }
  x.traceId = parent.traceId
  x.parentId = parent.parentId
  x.traceFlags = parent.flags
  const state = x.headers.list('tracestate')
  if (state !== undefined) x.traceState = cleanTracestate(state)
  return 'joined'
}

/** A trusted proxy's id is kept so that both logs agree; a stranger's never is. */
function requestId(x: Exchange): string {
  if (x.trusted) {
    const inbound = x.headers.get('x-request-id')
    if (inbound !== undefined && SAFE_ID.test(inbound)) return inbound
  }
  return x.spanId
}
