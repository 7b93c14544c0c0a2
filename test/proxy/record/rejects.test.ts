// Counts of refusals are exact whatever the flood; only lines are few.
import { expect, test } from 'vitest'
import { Rejects } from '../../../proxy/record/rejects.ts'

const line = (reason: string) => ({
  reason,
  client: '',
  connection: '0-1',
  scheme: 'http' as const,
  protocol: '',
  bytes: '',
})

test('a flood is counted to the last one and told in twenty lines a second', () => {
  const rejects = new Rejects()
  let made = 0
  for (let i = 0; i < 5000; i++) rejects.add(i % 2 ? 'cl_te' : 'bad_host', i / 5, () => line(`${++made}`))
  const batch = rejects.take()!
  expect(batch.counts).toEqual([
    ['bad_host', 2500],
    ['cl_te', 2500],
  ])
  expect([batch.lines.length, batch.suppressed, made]).toEqual([20, 4980, 20])
  expect(rejects.take()).toBeUndefined()
  rejects.add('cl_te', 2000, () => line('cl_te'))
  expect(rejects.take()).toMatchObject({
    counts: [['cl_te', 1]],
    suppressed: 0,
    lines: [{ reason: 'cl_te' }],
  })
})

test('reasons are bounded even if one were made of input', () => {
  const rejects = new Rejects()
  for (let i = 0; i < 1000; i++) rejects.add(`reason-${i}`, 0, () => line(''))
  const { counts } = rejects.take()!
  expect(counts).toHaveLength(201)
  expect(counts.find(([reason]) => reason === '_other')).toEqual(['_other', 800])
})
