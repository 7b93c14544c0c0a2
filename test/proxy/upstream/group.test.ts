// Balancing and ejection decide whether one dead backend is a shrug or an outage.
import { expect, test } from 'vitest'
import { LeastRequests } from '../../../proxy/upstream/balancers/least-requests.ts'
import { RoundRobin } from '../../../proxy/upstream/balancers/round-robin.ts'
import { Group } from '../../../proxy/upstream/group.ts'
import type { Transport } from '../../../proxy/upstream/transport/transport.ts'
import { Upstream } from '../../../proxy/upstream/upstream.ts'

const transport: Transport = { send: () => Promise.reject(new Error()), connections: () => 0, close() {} }
const upstreams = (names: string) => [...names].map(name => new Upstream(name))
const told = { forwarded: 'x-forwarded' as const, allowUnderscores: false, trailers: new Set<string>() }
const groupOf = (list: Upstream[], balancer = new RoundRobin() as RoundRobin | LeastRequests) =>
  new Group(
    list.map(upstream => ({ upstream, transport, ...told, proxyProtocol: null })),
    balancer,
    2,
  )
const names = (group: Group, count: number) =>
  Array.from({ length: count }, () => group.pick([])!.member.upstream.name).join('')

test('round robin takes each in turn', () => {
  expect(names(groupOf(upstreams('abc')), 6)).toBe('abcabc')
})

test('least requests takes the idlest, and equals in turn', () => {
  const list = upstreams('abc')
  const group = groupOf(list, new LeastRequests())
  expect(new Set(names(group, 3))).toEqual(new Set('abc'))
  list[0]!.inFlight = list[2]!.inFlight = 5
  expect(names(group, 3)).toBe('bbb')
})

test('one that failed this request is not asked again while another is left', () => {
  const list = upstreams('ab')
  expect(groupOf(list).pick([list[0]!])!.member.upstream.name).toBe('b')
})

test('one that failed this request and must not be asked again is not, whoever is left', () => {
  const list = upstreams('ab')
  const group = groupOf(list)
  expect(group.pick([list[0]!], false)!.member.upstream.name).toBe('b')
  expect(group.pick(list, false)).toBeUndefined()
  // Out for its failures, but nobody else could be asked.
  list[1]!.eject()
  expect(group.pick([list[0]!], false)!).toMatchObject({ why: 'all-out', said: 'b all-out' })
  const single = groupOf(upstreams('a'))
  expect(single.pick([], false)).toBeDefined()
  expect(single.pick([single.members[0]!.upstream], false)).toBeUndefined()
})

test('three failures within ten seconds eject, for longer each time', () => {
  const upstream = new Upstream('a')
  expect([upstream.failed('x', 0), upstream.failed('x', 1), upstream.failed('x', 2)]).toEqual([
    false,
    false,
    true,
  ])
  expect(upstream.eject(2)).toBe(10_000)
  expect([upstream.available(10_001), upstream.available(10_003)]).toEqual([false, true])
  for (let i = 0; i < 3; i++) upstream.failed('x', 20_000)
  expect(upstream.eject(20_000)).toBe(20_000)
})

test('failures far apart do not add up, and a success clears them', () => {
  const upstream = new Upstream('a')
  expect([0, 11_000, 22_000, 33_000].map(at => upstream.failed('x', at))).toEqual([
    false,
    false,
    false,
    false,
  ])
  upstream.succeeded()
  expect([33_001, 33_002].map(at => upstream.failed('x', at))).toEqual([false, false])
})

test('never the last one, never more than half', () => {
  const pair = upstreams('ab')
  const group = groupOf(pair)
  const fail = (upstream: Upstream) => [1, 2, 3].map(() => group.failed(upstream, 'x')).at(-1)!
  expect(fail(pair[0]!)).toBeGreaterThan(0)
  expect(fail(pair[1]!)).toBe(0)
  expect(names(group, 2)).toBe('bb')
  const single = groupOf(upstreams('a'))
  expect([1, 2, 3].map(() => single.failed(single.members[0]!.upstream, 'x')).at(-1)).toBe(0)
})

test('one that an active check holds down is never asked', () => {
  const list = upstreams('ab')
  list[0]!.downReason = 'health check'
  expect(names(groupOf(list), 3)).toBe('bbb')
  list[1]!.downReason = 'health check'
  expect(groupOf(list).pick([])).toBeUndefined()
})
