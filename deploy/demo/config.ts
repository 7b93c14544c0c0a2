// The demo's configuration as YAML text, written for people: it is what a new user sees first.

export interface DemoAddresses {
  /** A port on loopback, or `host:port`. */
  http: number | string
  https: number | string
  admin: number | string
  /** Directory of the SQLite files. */
  data: string
  /** The ports of the three shop backends, in the order a, b, c. */
  ports: readonly number[]
}

const address = (value: number | string) => (typeof value === 'number' ? `127.0.0.1:${value}` : value)

/** A plain scalar where YAML allows it, else quoted (JSON strings are YAML strings). */
const scalar = (text: string) => (/^[\w./-]+$/.test(text) ? text : JSON.stringify(text))

export function demoConfig({ http, https, admin, data, ports }: DemoAddresses): string {
  const targets = `[${ports.map(port => `127.0.0.1:${port}`).join(', ')}]`
  return `# The demo: a small shop in three processes (a is fast, b is slower, c is moody) behind Oriel.
# Change anything below "routes" and save: the running gate takes the new version over.

listen:
  http: ${address(http)}
  https: ${address(https)}             # with a certificate from a local authority that Oriel keeps

admin: ${address(admin)}               # the dashboard, the API and /metrics
data: ${scalar(data)}
grace: 500ms                           # Ctrl-C waits no longer for open requests

routes:
  # Pages and pictures. The cache keeps what the shop marks as public, for as long as it says.
  shop.localhost:
    to: ${targets}
    cache: true
    limit: 50/s                        # for each client address

  # The API asks the backend with the fewest open requests, so slow c gets less of the work.
  shop.localhost/api/*:
    to:
      targets: ${targets}
      balance: least-requests
    cache: true
    limit: 30/s

  # Live prices: one long answer for each listener (Server-Sent Events).
  shop.localhost/ticker:
    to: ${targets}

  # The chat is a WebSocket. A room lives in one process, so all guests go to the same one.
  shop.localhost/chat:
    to: [127.0.0.1:${ports[0]}]

  # The same shop under the names that a browser or curl tries first.
  localhost:
    to: ${targets}
    cache: true
    limit: 50/s

  127.0.0.1:
    to: ${targets}
    cache: true
    limit: 50/s
`
}
