// Caddy on one processor per worker, without its admin endpoint and automatic certificates; it has no cache.
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Target } from '../target.ts'

export const caddy: Target = {
  name: 'Caddy',
  needs: { program: 'caddy', debian: 'caddy' },
  takesPart: scenario => !scenario.startsWith('cache'),
  prepare({ folder, ports, backendPort, certificate, workers, accessLog }) {
    const file = path.join(folder, 'Caddyfile')
    writeFileSync(
      file,
      `{
	admin off
	auto_https off
	servers {
		protocols h1 h2
	}
}
(gate) {
	bind 127.0.0.1
${accessLog ? '	log {\n\t\toutput stdout\n\t}' : ''}
	reverse_proxy 127.0.0.1:${backendPort} {
		transport http {
			compression off
			keepalive_idle_conns_per_host 64
		}
	}
}
http://:${ports.http} {
	import gate
}
https://:${ports.https} {
	tls ${certificate.certificate} ${certificate.key} {
		protocols tls1.3
	}
	import gate
}
`,
    )
    return {
      command: ['caddy', 'run', '--config', file, '--adapter', 'caddyfile'],
      env: { GOMAXPROCS: String(workers), XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
    }
  },
}
