// Every kind of mistake in a configuration, with the exact line that a person reads.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of the configuration look like this
// biome-ignore-all lint/style/useTemplate: the same
import { describe, expect, it } from 'vitest'
import { parse } from '../../config/load.ts'

const problemsOf = (text: string, env: NodeJS.ProcessEnv = {}) => {
  const outcome = parse(text, '/etc/oriel/oriel.yaml', env)
  return outcome.ok ? [] : outcome.problems.map(line => line.replace('/etc/oriel/oriel.yaml:', ''))
}
const configOf = (text: string, env: NodeJS.ProcessEnv = {}) => {
  const outcome = parse(text, '/etc/oriel/oriel.yaml', env)
  if (!outcome.ok) throw new Error(outcome.problems.join('\n'))
  return outcome.config
}
const routes = 'routes:\n  a.example: 3000\n'

const mistakes: [name: string, text: string, ...problems: string[]][] = [
  ['empty file', '', '1:1 "routes" is missing'],
  ['not a map', '- a', '1:1 expected object, received array'],
  ['unknown key, near', `adnim: :9900\n${routes}`, '1:1 unknown key "adnim", did you mean "admin"?'],
  [
    'unknown key in a route',
    'routes:\n  a.example:\n    to: 3000\n    limitt: 10/s\n',
    '4:5 unknown key "limitt", did you mean "limit"?',
  ],
  [
    'unknown key in the long form of to',
    'routes:\n  a.example:\n    to: { targets: 3000, balanc: round-robin }\n',
    '3:26 unknown key "balanc", did you mean "balance"?',
  ],
  [
    'unknown key, nothing near',
    `listen:\n  http: :80\n  quantum: :81\n${routes}`,
    '3:3 unknown key "quantum"; known here: http, https',
  ],
  [
    'PROXY header from nobody',
    `listen: { http: { address: :80, proxyProtocol: true } }\n${routes}`,
    '1:48 true means those in trustedProxies, and there are none',
  ],
  [
    'PROXY header from no address',
    `listen: { http: { address: :80, proxyProtocol: [here] } }\n${routes}`,
    '1:49 expected an address or a CIDR block such as 10.0.0.0/8',
  ],
  [
    'unknown key in the long form of a listener',
    `listen: { http: { adress: :80 } }\n${routes}`,
    '1:17 "address" is missing',
    '1:19 unknown key "adress", did you mean "address"?',
  ],
  [
    'PROXY header to an h2c target',
    'routes:\n  a.example:\n    to: { targets: "h2c://a:80", proxyProtocol: v2 }\n',
    '3:49 an HTTP/2 connection carries many clients: proxyProtocol is for http and https targets',
  ],
  [
    'PROXY header of version 3',
    'routes:\n  a.example:\n    to: { targets: 80, proxyProtocol: v3 }\n',
    '3:39 expected v1, v2 or false',
  ],
  [
    'trailers that frame',
    'routes:\n  a.example: { to: 80, trailers: [x-sum, Content-Length] }\n',
    '2:42 content-length frames the message: it cannot come behind a body',
  ],
  [
    'trailers that pass for a forwarding field',
    'routes:\n  a.example: { to: 80, trailers: [x_forwarded_for] }\n',
    '2:35 x_forwarded_for says whom a request is from: it cannot come behind a body',
  ],
  [
    'trailers that are no names',
    'routes:\n  a.example: { to: 80, trailers: ["x sum"] }\n',
    '2:35 expected a field name',
  ],
  ['bad forwarded', `forwarded: via\n${routes}`, '1:12 expected x-forwarded, forwarded or both'],
  ['bad duration', `grace: 10\n${routes}`, '1:8 expected a duration such as 250ms, 3s or 5m'],
  ['bad duration text', `grace: soon\n${routes}`, '1:8 expected a duration such as 250ms, 3s or 5m'],
  ['bad size', `client:\n  maxHead: 16 kilos\n${routes}`, '2:12 expected a size such as 64kb or 10mb'],
  ['bad rate', `telemetry: { rows: 0/s }\n${routes}`, '1:20 expected a rate such as 10/s or 100/m'],
  [
    'bad address',
    `admin: here\n${routes}`,
    '1:8 expected an address such as :80, 127.0.0.1:8080 or [::1]:8080',
  ],
  [
    'port too large',
    `admin: :70000\n${routes}`,
    '1:8 expected an address such as :80, 127.0.0.1:8080 or [::1]:8080',
  ],
  [
    'same listener twice',
    `listen: { http: ":80", https: ":80" }\n${routes}`,
    '1:31 the same address as listen.http',
  ],
  [
    'admin on http',
    `listen: { http: ":80" }\nadmin: 127.0.0.1:80\n${routes}`,
    '2:8 the same address as listen.http',
  ],
  ['no listener', `listen: {}\n${routes}`, '1:9 at least one of http and https'],
  ['bad workers', `workers: many\n${routes}`, '1:10 expected auto or a number from 1 to 64'],
  [
    'bad block',
    `trustedProxies: [10.0.0.0/33]\n${routes}`,
    '1:18 expected an address or a CIDR block such as 10.0.0.0/8',
  ],
  ['route without to', 'routes:\n  a.example:\n    limit: 10/s\n', '3:5 "to" is missing'],
  [
    'target without port',
    'routes:\n  a.example: backend\n',
    '2:14 which port? write backend:3000 or http://backend',
  ],
  [
    'target with path',
    'routes:\n  a.example: [localhost:1, "http://b:2/x"]\n',
    '2:28 a target has no path: it gets the path that the client asked for',
  ],
  [
    'target twice',
    'routes:\n  a.example: [3000, localhost:3000]\n',
    '2:21 target localhost:3000 is listed twice',
  ],
  ['no target', 'routes:\n  a.example: []\n', '2:14 expected at least one target'],
  [
    'odd target',
    'routes:\n  a.example: ftp://x\n',
    '2:14 expected a target such as 3000, localhost:3000 or https://example.org',
  ],
  [
    'bad balance',
    'routes:\n  a: { to: { targets: 1, balance: luck } }\n',
    '2:35 expected round-robin or least-requests',
  ],
  [
    'same key twice',
    'routes:\n  a.example: 1\n  a.example: 2\n',
    '3:3 "a.example" is written twice, first on line 2',
  ],
  [
    'same host and path twice',
    'routes:\n  a.example: 1\n  A.example/*: 2\n',
    '3:3 the same host and path as route "a.example"',
  ],
  [
    'scheme in a route',
    'routes:\n  https://a.example: 1\n',
    '2:3 a route has no scheme: write the host alone',
  ],
  [
    'port in a route',
    'routes:\n  a.example:80: 1\n',
    '2:3 a route has no port: it serves the host on every listener',
  ],
  [
    'star in the middle',
    'routes:\n  a.example/*/x: 1\n',
    '2:3 a * in a path stands at the end, after a slash: /api/*',
  ],
  ['path not normal', 'routes:\n  a.example/a/../b: 1\n', '2:3 write the path in its normal form: /b'],
  [
    'odd host',
    'routes:\n  a..b: 1\n',
    '2:3 "a..b" is no host; write app.example.com, "*.example.com" or /path/*',
  ],
  [
    'unquoted star',
    'routes:\n  *.example.com: 3000\n',
    '2:3 YAML takes a leading * for an alias; put it in quotes: "*.example.com"',
  ],
  [
    'unset variable',
    'data: ${DIR}\n' + routes,
    '1:7 environment variable DIR is not set; ${DIR:-default} gives it a default',
  ],
  [
    'odd reference',
    'data: ${1x}\n' + routes,
    '1:7 ${1x} is no reference; write ${NAME}, ${NAME:-default} or ${file:/path}',
  ],
  ['missing secret', 'data: "${file:/nowhere/x}"\n' + routes, '1:7 cannot read /nowhere/x: ENOENT'],
  ['bad indent', 'routes:\n  a: 1\n b: 2\n', '3:1 all mapping items must start at the same column'],
  [
    'several at once, in the order of the file',
    'grce: 1s\nadmin: nowhere\nroutes:\n  a..b: 1\n',
    '1:1 unknown key "grce", did you mean "grace"?',
    '2:8 expected an address such as :80, 127.0.0.1:8080 or [::1]:8080',
    '4:3 "a..b" is no host; write app.example.com, "*.example.com" or /path/*',
  ],
]

describe('a wrong file is refused with line, column and what is wrong', () => {
  it.each(mistakes)('%s', (_name, text, ...problems) => {
    expect(problemsOf(text)).toEqual(problems)
  })
})

describe('limits', () => {
  it('refuses aliases that multiply', () => {
    const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]']
    for (const [name, before] of ['ba', 'cb', 'dc', 'ed', 'fe', 'gf']) {
      bomb.push(`${name}: &${name} [${Array(9).fill(`*${before}`).join(',')}]`)
    }
    expect(problemsOf(bomb.join('\n'))).toEqual(['1:1 more than 100 aliases when expanded'])
  })
  it.each([
    ['brackets', '['.repeat(100_000)],
    ['dashes', '- '.repeat(100_000)],
    ['braces', '{a: '.repeat(100_000)],
    ['question marks', '? '.repeat(100_000)],
    ['indentation', Array.from({ length: 1000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')],
  ])('refuses endless nesting: %s', (_name, text) => {
    const started = performance.now()
    expect(problemsOf(text)[0]).toContain('nested deeper than')
    expect(performance.now() - started).toBeLessThan(1000)
  })
  it('refuses a huge file', () => {
    expect(problemsOf('#'.repeat(1024 ** 2 + 1))).toEqual(['1:1 larger than 1048576 bytes'])
  })
})

describe('a right file', () => {
  it('gets the documented defaults', () => {
    const config = configOf(routes)
    expect(config.listen).toEqual({
      http: { host: '', port: 80, proxyProtocol: null, h2c: false },
      https: { host: '', port: 443, proxyProtocol: null, h2c: false },
    })
    expect(config.admin).toEqual({ host: '127.0.0.1', port: 9900 })
    expect(config.data).toBe('/etc/oriel/data')
    expect(config.graceMs).toBe(10_000)
    expect(config.client).toEqual({
      headMs: 30_000,
      bodyIdleMs: 60_000,
      bodyMinBytesPerSecond: 240,
      keepAliveMs: 75_000,
      keepAliveRequests: 1000,
      maxHeadBytes: 16_384,
      maxFields: 200,
      maxUrlBytes: 8192,
      maxStreams: 100,
    })
    expect(config.telemetry).toEqual({
      rowsPerSecond: 500,
      headersPerSecond: 50,
      slowMs: 1000,
      retentionMs: 7 * 86_400_000,
      retentionBytes: 2 * 1024 ** 3,
    })
    expect(config.routes).toEqual([
      {
        name: 'a.example',
        host: 'a.example',
        path: '/',
        exact: false,
        to: {
          targets: [{ name: 'localhost:3000', protocol: 'http', host: 'localhost', port: 3000 }],
          balance: 'round-robin',
          health: null,
          verify: true,
          tries: 'auto',
          proxyProtocol: null,
        },
        timeout: { connectMs: 3000, responseMs: 60_000, idleMs: 60_000, tunnelMs: 3_600_000 },
        forwarded: 'x-forwarded',
        allowUnderscores: false,
        trailers: [],
        stages: {},
      },
    ])
  })
  it('means the same in every form of to', () => {
    const forms = [
      '3000',
      '[3000]',
      '{ to: 3000 }',
      '{ to: [localhost:3000] }',
      '{ to: { targets: "http://localhost:3000" } }',
    ]
    const first = configOf(routes)
    for (const form of forms) expect(configOf(`routes:\n  a.example: ${form}\n`)).toEqual(first)
  })
  it('reads health in its three forms', () => {
    const health = (text: string) =>
      configOf(`routes:\n  a: { to: { targets: 1, health: ${text} } }\n`).routes[0]?.to.health
    const defaults = { intervalMs: 10_000, timeoutMs: 3000, fall: 3, rise: 2 }
    expect(health('false')).toBeNull()
    expect(health('true')).toEqual({ path: '/', ...defaults })
    expect(health('/healthz')).toEqual({ path: '/healthz', ...defaults })
    expect(health('{ path: /h, interval: 1s, fall: 1 }')).toEqual({
      path: '/h',
      ...defaults,
      intervalMs: 1000,
      fall: 1,
    })
  })
  it('reads every form of a route key', () => {
    const list = configOf(
      'routes:\n  App.Example.com: 1\n  app.example.com/api/*: 2\n  app.example.com/exact: 3\n  "*.example.com": 4\n  /path/*: 5\n  "*": 6\n  bücher.example: 7\n  "[0:0::0:1]": 8\n  127.0.0.1: 9\n',
    ).routes.map(({ host, path, exact }) => `${host} ${path} ${exact}`)
    expect(list).toEqual([
      'app.example.com / false',
      'app.example.com /api/ false',
      'app.example.com /exact true',
      '*.example.com / false',
      '* /path/ false',
      '* / false',
      'xn--bcher-kva.example / false',
      '[::1] / false',
      '127.0.0.1 / false',
    ])
  })
  it('keeps what a stage parsed under its name', () => {
    expect(configOf('routes:\n  a: { to: 1, limit: 10/s }\n').routes[0]?.stages).toHaveProperty('limit')
  })
  it('expands private', () => {
    expect(configOf(`trustedProxies: private\n${routes}`).trustedProxies).toContain('10.0.0.0/8')
    expect(configOf(`trustedProxies: [192.0.2.1, private]\n${routes}`).trustedProxies[0]).toBe('192.0.2.1')
  })
})

describe('substitution', () => {
  const env = { PORT: '4000', HOST: 'b.example', EMPTY: '', EVIL: 'x\nadmin: :1 # {' }
  it('works in values, keys, lists and braces', () => {
    const config = configOf(
      'workers: ${N:-3}\nroutes:\n  ${HOST}: { to: [ ${PORT}, ${HOST}:${PORT} ] }\n',
      env,
    )
    expect(config.workers).toBe(3)
    expect(config.routes[0]?.host).toBe('b.example')
    expect(config.routes[0]?.to.targets.map(it => it.name)).toEqual(['localhost:4000', 'b.example:4000'])
  })
  it('cannot add keys', () => {
    expect(configOf(`data: \${EVIL}\n${routes}`, env).admin.port).toBe(9900)
  })
  it('leaves comments and $${ alone', () => {
    expect(configOf(`# \${NOT_SET}\ndata: /x/$\${y}\n${routes}`).data).toBe('/x/${y}')
  })
  it('takes the default for an empty value', () => {
    expect(configOf(`data: \${EMPTY:-/y}\n${routes}`, env).data).toBe('/y')
  })
  it('keeps positions behind a reference', () => {
    expect(problemsOf('routes:\n  ${HOST}: { to: 1, limt: 1/s }\n', env)).toEqual([
      '2:21 unknown key "limt", did you mean "limit"?',
    ])
  })
  it('finds names that became equal', () => {
    expect(problemsOf('routes:\n  ${HOST}: 1\n  b.example: 2\n', env)).toEqual([
      '3:3 "b.example" is written twice, first on line 2',
    ])
  })
})

describe('what stands in front and behind', () => {
  it('is told by listeners, the whole and each route', () => {
    const config = configOf(
      'listen:\n  http: { address: ":80", proxyProtocol: true, h2c: true }\n  https: { address: ":443", proxyProtocol: [10.0.0.0/8] }\n' +
        'trustedProxies: [192.0.2.1]\nforwarded: both\nroutes:\n  a.example: 3000\n' +
        '  b.example: { to: { targets: 3000, proxyProtocol: v1 }, forwarded: forwarded }\n',
    )
    expect(config.listen).toEqual({
      http: { host: '', port: 80, proxyProtocol: 'trusted', h2c: true },
      https: { host: '', port: 443, proxyProtocol: ['10.0.0.0/8'], h2c: false },
    })
    expect(config.routes.map(route => [route.forwarded, route.to.proxyProtocol])).toEqual([
      ['both', null],
      ['forwarded', 'v1'],
    ])
  })
})
