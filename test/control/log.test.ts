// Log lines for people: short, one line each, no control bytes.
import { expect, it } from 'vitest'
import { short } from '../../control/log.ts'

it('is short and stays one line', () => {
  const line = short(
    JSON.stringify({ level: 50, time: 0, msg: 'bad\nname \u001b[31m', worker: 1, error: 'a b' }),
  )
  expect(line).toMatch(/^ {2}\d\d:\d\d:\d\d error: bad\\nname \\u001b\[31m worker=1 error="a b"\n$/)
})
