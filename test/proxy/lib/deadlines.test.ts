// A deadline that is missed is a connection held for ever; one that fires twice cuts the next request.
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Deadlines } from '../../../proxy/lib/deadlines.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

test('each is called once, when its time has come', () => {
  const deadlines = new Deadlines(() => performance.now())
  const called: string[] = []
  const due = (name: string, deadlineMs: number) => ({ deadlineMs, onDeadline: () => void called.push(name) })
  const soon = due('soon', performance.now() + 300)
  const late = due('late', performance.now() + 5000)
  deadlines.add(soon)
  deadlines.add(late)
  vi.advanceTimersByTime(1000)
  expect(called).toEqual(['soon'])
  late.deadlineMs = performance.now() + 9000
  vi.advanceTimersByTime(5000)
  expect(called).toEqual(['soon'])
  deadlines.remove(late)
  vi.advanceTimersByTime(60_000)
  expect(called).toEqual(['soon'])
})
