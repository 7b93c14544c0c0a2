// Varnish for the cached scenario: its built-in rules and a small memory store.
import path from 'node:path'
import type { Target } from '../target.ts'

export const varnish: Target = {
  name: 'Varnish',
  scenarios: ['cached'],
  needs: { program: 'varnishd', debian: 'varnish' },
  prepare: ({ folder, backendPort }, port) => ({
    command: [
      'varnishd',
      ...['-F', '-j', 'none', '-n', path.join(folder, 'varnish')],
      ...['-a', `127.0.0.1:${port}`, '-b', `127.0.0.1:${backendPort}`],
      ...['-s', 'malloc,64m', '-p', 'thread_pools=1'],
    ],
  }),
  isWorker: line => line.includes('varnishd'),
}
