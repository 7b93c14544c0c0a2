// Every balancer by its word in the configuration.
import type { Balancer } from './balancer.ts'
import { LeastRequests } from './least-requests.ts'
import { RoundRobin } from './round-robin.ts'

export const balancers: Record<'round-robin' | 'least-requests', () => Balancer> = {
  'round-robin': () => new RoundRobin(),
  'least-requests': () => new LeastRequests(),
}
