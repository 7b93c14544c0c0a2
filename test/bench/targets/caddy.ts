// Caddy on one processor, without its admin endpoint and automatic certificates.
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Target } from '../target.ts'

export const caddy: Target = {
  name: 'Caddy',
  scenarios: ['proxied'],
  needs: { program: 'caddy', debian: 'caddy' },
  prepare({ folder, backendPort }, port) {
    const file = path.join(folder, 'Caddyfile')
    writeFileSync(
      file,
      `{
	admin off
	auto_https off
}
http://:${port} {
	bind 127.0.0.1
	reverse_proxy 127.0.0.1:${backendPort} {
		transport http {
			keepalive_idle_conns_per_host 64
		}
	}
}
`,
    )
    return {
      command: ['caddy', 'run', '--config', file, '--adapter', 'caddyfile'],
      env: { GOMAXPROCS: '1', XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
    }
  },
}
