// Counting a frame's records without building them agrees with building them.
import { expect, test } from 'vitest'
import { countTuples } from '../../telemetry/count-tuples.ts'
import { pick, randomFrom, record, recordsJson } from './records.ts'

test('any frame is counted right, whatever its texts hold', () => {
  const random = randomFrom(41)
  for (let i = 0; i < 300; i++) {
    const text = Array.from({ length: 8 }, () =>
      pick(random, ['"', '\\', '[', ']', '{', '}', ',', 'a', 'é']),
    ).join('')
    const records = Array.from({ length: Math.floor(random() * 5) }, () =>
      record({ path: text, query: `\\${text}` }),
    )
    expect(countTuples(recordsJson(records))).toBe(records.length)
  }
  expect(countTuples('[]')).toBe(0)
  expect(countTuples('[["unfinished')).toBe(1)
})
