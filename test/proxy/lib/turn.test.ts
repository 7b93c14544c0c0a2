// What waits for a turn that never ends is an answer that never leaves.
import { expect, test } from 'vitest'
import { atEndOfTurn, endTurn } from '../../../proxy/lib/turn.ts'

test('everything is done once, in order, and what is added meanwhile too', () => {
  const done: string[] = []
  const work = (name: string, next?: () => void) => ({
    endTurn() {
      done.push(name)
      next?.()
    },
  })
  atEndOfTurn(work('a', () => atEndOfTurn(work('c'))))
  atEndOfTurn(work('b'))
  endTurn()
  endTurn()
  expect(done).toEqual(['a', 'b', 'c'])
})

test('the event loop ends it by itself', async () => {
  await new Promise<void>(resolve => atEndOfTurn({ endTurn: resolve }))
})

test('one that fails keeps none of the others from leaving', async () => {
  let left = false
  atEndOfTurn({
    endTurn() {
      throw new Error('broken')
    },
  })
  atEndOfTurn({
    endTurn() {
      left = true
    },
  })
  expect(endTurn).toThrow('broken')
  expect(left).toBe(false)
  await new Promise(resolve => setImmediate(resolve))
  await new Promise(resolve => setImmediate(resolve))
  expect(left).toBe(true)
})
