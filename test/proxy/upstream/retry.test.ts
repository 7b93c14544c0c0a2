// A request sent twice may be an order placed twice.
import { expect, test } from 'vitest'
import { ProxyError } from '../../../proxy/pipeline/errors.ts'
import { mayRepeat, RetryBudget, refusesRetry } from '../../../proxy/upstream/retry.ts'

const unsent = new ProxyError('connection_refused', 'x', { unsent: true })
const reset = new ProxyError('connection_terminated', 'x')
const slow = new ProxyError('http_response_timeout', 'x')
const begun = new ProxyError('connection_terminated', 'x', { begun: true })
const garbage = new ProxyError('http_protocol_error', 'x')

test.each([
  ['nothing was sent', unsent, 'POST', false, true],
  ['nothing was sent but the body flowed', unsent, 'POST', true, false],
  ['GET met a closed connection', reset, 'GET', false, true],
  ['PUT with its body gone', reset, 'PUT', true, false],
  ['POST may have taken effect', reset, 'POST', false, false],
  ['GET met a reply that broke off in its head', begun, 'GET', false, false],
  ['the upstream had its time', slow, 'GET', false, false],
  ['the answer was no HTTP', garbage, 'GET', false, false],
])('%s', (_name, error, method, touched, again) => {
  expect(refusesRetry(error, method, touched) === '').toBe(again)
})

test('the same upstream is asked again only where it was no failure of its own', () => {
  const stale = new ProxyError('connection_terminated', 'x', { stale: true })
  expect([unsent, stale, reset, begun, slow].map(mayRepeat)).toEqual([true, true, false, false, false])
})

test('retries stay a fifth of the requests, with a floor', () => {
  const budget = new RetryBudget()
  for (let i = 0; i < 1000; i++) budget.request(1)
  let taken = 0
  while (budget.take()) taken++
  expect(taken).toBe(200)
  const idle = new RetryBudget()
  idle.request(1)
  taken = 0
  while (idle.take()) taken++
  expect(taken).toBe(30)
})
