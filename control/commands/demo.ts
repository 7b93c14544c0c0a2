// oriel demo: a small shop in three processes behind Oriel, with light traffic.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { demoConfig } from '../../deploy/demo/config.ts'
import { startChild } from '../child.ts'
import { nextFreePort } from '../try-listen.ts'
import { version } from '../version.ts'
import { DEMO_FILE } from './demo-file.ts'
import { serve } from './serve.ts'

const HOST = '127.0.0.1'
const SHOP_HOST = 'shop.localhost'
const demoFile = (name: string): string =>
  fileURLToPath(new URL(`../../deploy/demo/${name}.ts`, import.meta.url))

export async function run(words: string[]): Promise<number> {
  const { values } = parseArgs({
    args: words,
    options: { traffic: { type: 'boolean', default: true } },
    allowNegative: true,
  })
  const shops = await Promise.all(['a', 'b', 'c'].map(startShop))
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
      const visitors = values.traffic ? startVisitors(http) : undefined
      return () => {
        visitors?.stop()
        for (const { child } of shops) child.stop()
      }
    },
  })
}

/** Resolves with its port, which it keeps when it is restarted. */
function startShop(name: string): Promise<{ port: number; child: ReturnType<typeof startChild> }> {
  return new Promise(resolve => {
    let port = 0
    const child = startChild(
      demoFile('shop'),
      () => ['--name', name, '--port', String(port)],
      message => {
        port = (message as { port: number }).port
        resolve({ port, child })
      },
    )
  })
}

function startVisitors(http: number) {
  return startChild(demoFile('visitors'), () => ['--url', `http://${HOST}:${http}`, '--host', SHOP_HOST])
}
