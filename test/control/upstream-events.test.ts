// Changes of the upstreams, as events.
import { expect, it } from 'vitest'
import { UpstreamEvents } from '../../control/upstream-events.ts'
import type { UpstreamState } from '../../telemetry/record.ts'

const state = (state: UpstreamState['state'], reason = ''): UpstreamState => ({
  route: 'shop',
  upstream: 'localhost:1',
  state,
  reason,
  outUntilMs: 0,
  inFlight: 0,
  connections: 0,
})

it('tells once when an upstream goes out and when it is back', () => {
  const events = new UpstreamEvents()
  const texts = (states: UpstreamState[]) => events.changes(states, 5).map(event => event.text)
  expect(texts([state('up')])).toEqual([])
  expect(texts([state('out', '3 failures in 10 s')])).toEqual([
    'localhost:1 of shop is ejected: 3 failures in 10 s',
  ])
  expect(texts([state('out', '3 failures in 10 s')])).toEqual([])
  expect(texts([state('down')])).toEqual(['localhost:1 of shop is down.'])
  expect(texts([state('up')])).toEqual(['localhost:1 takes requests of shop again.'])
})
