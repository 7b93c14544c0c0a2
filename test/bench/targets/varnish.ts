// Varnish for cache hits: its built-in rules and a small memory store. It keeps no access log on disk.
import path from 'node:path'
import type { Target } from '../target.ts'

export const varnish: Target = {
  name: 'Varnish',
  needs: { program: 'varnishd', debian: 'varnish' },
  takesPart: scenario => scenario === 'cached',
  prepare: ({ folder, ports, backendPort }) => ({
    command: [
      'varnishd',
      ...['-F', '-j', 'none', '-n', path.join(folder, 'varnish')],
      ...['-a', `127.0.0.1:${ports.http}`, '-b', `127.0.0.1:${backendPort}`],
      ...['-s', 'malloc,64m', '-p', 'thread_pools=1'],
    ],
  }),
  isWorker: line => line.includes('varnishd'),
}
