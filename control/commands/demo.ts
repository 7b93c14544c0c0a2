// oriel demo: a small shop in three processes behind Oriel, with light traffic.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { demoConfig } from '../../deploy/demo/config.ts'
import { type Child, startChild } from '../child.ts'
import { nextFreePort } from '../try-listen.ts'
import { version } from '../version.ts'
import { DEMO_FILE } from './demo-file.ts'
import { serve } from './serve.ts'

export const help = `usage: oriel demo [--no-traffic]

Runs a small shop, three backends behind Oriel, with visitors.

  --no-traffic     without the visitors
`

const HOST = '127.0.0.1'
const SHOP_HOST = 'shop.localhost'
/** For each process of the demo, after the drain. */
const STOP_MS = 500
const demoFile = (name: string): string =>
  fileURLToPath(new URL(`../../deploy/demo/${name}.ts`, import.meta.url))

export async function run(words: string[]): Promise<number> {
  const { values } = parseArgs({
    args: words,
    options: { traffic: { type: 'boolean', default: true } },
    allowNegative: true,
  })
  const shops = await startShops()
  const http = await nextFreePort(HOST, 8080)
  const https = await nextFreePort(HOST, 8443, [http])
  const admin = await nextFreePort(HOST, 9900, [http, https])
  // A second demo has its own data: it is known by its port.
  const file = http === 8080 ? DEMO_FILE : DEMO_FILE.replace('demo/', `demo-${http}/`)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, demoConfig({ http, https, admin, data: './data', ports: shops.map(shop => shop.port) }))
  return serve({
    file,
    title: `Oriel ${version} in front of a small shop`,
    notes: () => [`${'config'.padEnd(11)}${file}`, '', 'Ctrl-C stops it.'],
    beside() {
      const visitors = values.traffic ? [startVisitors(http)] : []
      const children = shops.map(shop => shop.child)
      return {
        draining() {
          for (const visitor of visitors) void visitor.stop(STOP_MS)
          for (const child of children) child.letGo()
        },
        async ended() {
          await Promise.all([...visitors, ...children].map(child => child.stop(STOP_MS)))
        },
      }
    },
  })
}

interface Shop {
  port: number
  child: Child
}

/** On the same ports at every start, where these are free: the dashboard shows the same upstreams. */
async function startShops(): Promise<Shop[]> {
  const ports: number[] = []
  const starting: Promise<Shop>[] = []
  for (const name of ['a', 'b', 'c']) {
    const port = await nextFreePort(HOST, 9101, ports)
    ports.push(port)
    starting.push(startShop(name, port))
  }
  return Promise.all(starting)
}

/** Resolves with its port, which it keeps when it is restarted. */
function startShop(name: string, wanted: number): Promise<Shop> {
  return new Promise(resolve => {
    let port = wanted
    let starts = 0
    let listening = false
    const child = startChild(
      demoFile('shop'),
      // Somebody else was quicker: any port will do.
      () => ['--name', name, '--port', String(starts++ > 0 && !listening ? 0 : port)],
      message => {
        listening = true
        port = (message as { port: number }).port
        resolve({ port, child })
      },
    )
  })
}

function startVisitors(http: number) {
  return startChild(demoFile('visitors'), () => ['--url', `http://${HOST}:${http}`, '--host', SHOP_HOST])
}
