// The access log line: OpenTelemetry names, nothing that a terminal or a line reader would act on.
import { expect, test } from 'vitest'
import { accessLogLine } from '../../../telemetry/export/access-log.ts'
import { record } from '../records.ts'

test('a line has the exchange in semantic-convention names', () => {
  const line = accessLogLine(
    record({ status: 502, error: 'connection_refused', errorText: 'refused', query: 'a=1' }),
  )
  expect(line).toMatchObject({
    'http.request.method': 'GET',
    'http.route': 'shop',
    'http.response.status_code': 502,
    'error.type': 'connection_refused',
    'url.path': '/cart',
    'url.query': 'a=1',
    'client.address': '192.0.2.7',
    'oriel.attempts': 1,
    duration_ms: 12,
  })
})

test('what is absent has no key', () => {
  const line = accessLogLine(record({ userAgent: '', upstream: '', attempts: [] }))
  for (const key of [
    'error.type',
    'url.query',
    'user_agent.original',
    'oriel.upstream.name',
    'oriel.weight',
  ]) {
    expect(line).not.toHaveProperty(key)
  }
})

test('control bytes are escaped, in a line that stays one line', () => {
  const line = accessLogLine(
    record({ method: '\u009b31m', path: '/a\n\u001b[31mb\u009b\u2028', userAgent: 'x\u0000y\r' }),
  )
  const text = JSON.stringify(line)
  expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/)
  expect(line['url.path']).toBe('/a\\x0a\\x1b[31mb\\x9b\\x2028')
})
