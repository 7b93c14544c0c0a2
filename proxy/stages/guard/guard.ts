// Guard: refuses or answers at once what no other stage and no upstream should have to deal with.
import { fact } from '../../lib/fact.ts'
import { size } from '../../lib/units.ts'
import { plainReply } from '../../pipeline/error-reply.ts'
import { ProxyError } from '../../pipeline/errors.ts'
import type { Exchange } from '../../pipeline/exchange.ts'
import type { Reply } from '../../pipeline/reply.ts'
import type { StageModule } from '../../pipeline/stage.ts'
import { CountedBody } from './counted-body.ts'
import { type GuardRules, type Refusal, refuse, tooLarge, tooManyRanges } from './refusals.ts'

export interface GuardConfig {
  /** Bytes. */
  maxBody: number
  methods?: string[] | undefined
  strictPath: boolean
}

/** Nothing is wrong with this head, and nothing to be amended. */
const harmless = fact<true>()

const MAX_BODY_BYTES = 100 * 1024 ** 2

export const guard: StageModule<GuardConfig> = {
  name: 'guard',
  schema: z =>
    z
      .strictObject({
        maxBody: size(z)
          .prefault('100mb')
          .describe(
            'The largest request body; a longer one is answered 413, also when its length was not announced.',
          ),
        methods: z
          .array(z.string().regex(/^[A-Z]+$/, 'expected a method in capitals such as GET'))
          .min(1)
          .optional()
          .describe('The only methods that pass; others are answered 405. TRACE and CONNECT never pass.'),
        strictPath: z
          .boolean('expected true or false')
          .default(false)
          .describe('Answer 400 to a path that backends read in more than one way.'),
      })
      .describe('What a request may be at most.'),
  fallback: { maxBody: MAX_BODY_BYTES, strictPath: false },
  create: ({ maxBody, methods, strictPath }, env) => {
    const rules: GuardRules = { route: env.route, maxBodyBytes: maxBody, methods, strictPath }
    return {
      name: 'guard',
      onRequest(x) {
        const bodyBytes = x.body === null ? -1 : x.body.length
        if (x.fact(harmless) === undefined) {
          const refusal = refuse(x, bodyBytes, rules)
          if (refusal !== undefined) return answer(x, refusal)
          if (!amend(x)) x.keepFact(harmless, true)
        }
        if (x.body !== null && bodyBytes < 0)
          x.body = new CountedBody(x.body, maxBody, () => exceeded(x, rules))
        x.note('guard', 'passed')
      },
    }
  },
}

function answer(x: Exchange, refusal: Refusal): Reply {
  x.note('guard', refusal.reason, refusal.a, refusal.b)
  if (refusal.error !== '') {
    x.error = refusal.error
    x.errorText = refusal.detail
  }
  const reply = plainReply(x, refusal.status, refusal.detail)
  for (let i = 0; i < refusal.fields.length; i += 2) {
    reply.headers.append(refusal.fields[i]!, refusal.fields[i + 1]!)
  }
  return reply
}

/** What passes, but not as it came. @returns whether there was anything */
function amend(x: Exchange): boolean {
  let amended = false
  const ranges = tooManyRanges(x.headers.get('range'))
  if (ranges > 0) {
    x.headers.delete('range')
    x.note('guard', 'ranges-dropped', ranges)
    amended = true
  }
  if (x.method !== 'OPTIONS') return amended
  countDown(x)
  return true
}

/** RFC 9110 section 7.6.2: an intermediary that forwards Max-Forwards takes one off. */
function countDown(x: Exchange): void {
  const left = x.headers.get('max-forwards')
  if (left !== undefined && /^\d{1,9}$/.test(left)) x.headers.set('max-forwards', String(Number(left) - 1))
}

function exceeded(x: Exchange, rules: GuardRules): ProxyError {
  x.note('guard', 'too-large', -1, rules.maxBodyBytes)
  return new ProxyError('request_too_large', tooLarge(rules))
}
