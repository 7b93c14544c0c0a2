// The clients people really have, against real processes: curl over every protocol, WebSocket and event streams.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { type Shop, startShop } from '../../deploy/demo/shop.ts'
import { type RunningOriel, startOriel } from '../support/oriel.ts'

const program = process.env.CURL ?? 'curl'

let shop: Shop
let oriel: RunningOriel

beforeAll(async () => {
  shop = await startShop({ name: 'a', port: 0, tickMs: 20 })
  const { port } = shop
  // Only the pages are cached: the event stream and the chat pass.
  oriel = await startOriel(
    `  shop.test: { to: '127.0.0.1:${port}', cache: true }\n` +
      `  shop.test/ticker: { to: '127.0.0.1:${port}' }\n  shop.test/chat: { to: '127.0.0.1:${port}' }\n`,
    'workers: 1\ngrace: 1s\n',
  )
})
afterAll(async () => {
  await oriel.stop()
  await shop.close()
})

/** What every curl here says: the name goes to this machine, and only the local authority is trusted. */
const common = (): string[] => [
  ...['-sS', '--max-time', '10', '--noproxy', '*', '--cacert', join(oriel.data, 'ca', 'ca.crt')],
  ...['--resolve', `shop.test:${oriel.http}:127.0.0.1`, '--resolve', `shop.test:${oriel.https}:127.0.0.1`],
]

function curl(...words: string[]): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const options = { encoding: 'buffer' as const, maxBuffer: 16 * 1024 ** 2 }
    execFile(program, [...common(), ...words], options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout)
      else reject(new Error(`curl ${words.join(' ')}: ${stderr}`))
    })
  })
}

const http = (path: string): string => `http://shop.test:${oriel.http}${path}`
const https = (path: string): string => `https://shop.test:${oriel.https}${path}`
/** Status and protocol after the body. */
const VERDICT = ['-w', '\n%{http_code} HTTP/%{http_version} verify=%{ssl_verify_result}']

const pages: [name: string, words: () => string[], protocol: string][] = [
  ['HTTP/1.1', () => ['--http1.1', http('/')], 'HTTP/1.1'],
  ['HTTP/1.0', () => ['--http1.0', http('/')], 'HTTP/1.1'],
  ['HTTPS', () => ['--http1.1', https('/')], 'HTTP/1.1'],
  ['HTTP/2 by ALPN', () => ['--http2', https('/')], 'HTTP/2'],
]

test.each(pages)('curl gets the catalogue over %s', async (_name, words, protocol) => {
  const text = (await curl(...VERDICT, ...words())).toString()
  expect(text).toContain('</html>')
  expect(text.split('\n').at(-1)).toBe(`200 ${protocol} verify=0`)
})

test('curl refuses the certificate without the local authority', async () => {
  await expect(curl('--cacert', '/dev/null', https('/'))).rejects.toThrow(/certificate|CA/)
})

test('curl sends a form, keeps the cookie, and sees its cart, over HTTP/2', async () => {
  const jar = join(oriel.data, 'cookies.txt')
  const cookies = ['-b', jar, '-c', jar]
  const form = ['-d', 'id=2', '-d', 'quantity=3']
  const text = (await curl('--http2', '-L', ...cookies, ...form, https('/cart'))).toString()
  expect(text).toContain('<td>Harbour vase</td><td>3</td>')
})

const codings: [coding: string, decode: (bytes: Buffer) => Buffer][] = [
  ['gzip', gunzipSync],
  ['br', brotliDecompressSync],
  ['zstd', zstdDecompressSync],
]

test.each(codings)('a page comes as %s when that is all the client takes', async (coding, decode) => {
  const [plain, encoded] = await Promise.all([
    curl(http('/')),
    curl('-H', `accept-encoding: ${coding}`, http('/')),
  ])
  expect(encoded.length).toBeLessThan(plain.length / 2)
  expect(decode(encoded)).toEqual(plain)
})

test('curl --compressed unpacks what it asked for, over HTTP/1.1 and HTTP/2', async () => {
  const plain = await curl(http('/'))
  for (const words of [[http('/')], ['--http2', https('/')]]) {
    const head = join(oriel.data, 'head.txt')
    expect(await curl('--compressed', '-D', head, ...words)).toEqual(plain)
    expect(readFileSync(head, 'utf8')).toMatch(/^content-encoding: (gzip|br|zstd)\r$/im)
  }
})

test('a repeated picture comes from the cache, a known one is not sent again', async () => {
  const head = async (...words: string[]) =>
    (await curl('-D', '-', '-o', '/dev/null', ...words, http('/image/9.svg'))).toString()
  await head()
  const second = await head()
  expect(second).toMatch(/^cache-status: oriel; *hit/im)
  const tag = /^etag: (\S+)\r$/im.exec(second)![1]!
  expect(await head('-H', `if-none-match: ${tag}`)).toMatch(/^HTTP\/1\.1 304 /)
})

test.each(['http', 'https'] as const)(
  'curl -N follows the event stream as it comes, over %s',
  async scheme => {
    const url = scheme === 'http' ? http('/ticker') : https('/ticker')
    const child = spawn(program, [...common(), '-N', url], { stdio: ['ignore', 'pipe', 'ignore'] })
    let text = ''
    for await (const part of child.stdout) {
      text += part
      if (text.split('\n\n').length > 3) break
    }
    child.kill()
    expect(text).toMatch(/event: price\ndata: \{"id":\d+,"priceCents":\d+\}\n\n/)
  },
)

test.each(['ws', 'wss'] as const)(
  'a chat over %s carries text both ways and closes politely',
  async scheme => {
    const port = scheme === 'ws' ? oriel.http : oriel.https
    const ca = readFileSync(join(oriel.data, 'ca', 'ca.crt'))
    const name = { servername: 'shop.test', headers: { host: 'shop.test' } }
    const socket = new WebSocket(`${scheme}://127.0.0.1:${port}/chat`, { ca, ...name })
    expect(JSON.parse(String((await once(socket, 'message'))[0])).text).toContain('room a')
    socket.send(JSON.stringify({ text: 'good clay' }))
    expect(JSON.parse(String((await once(socket, 'message'))[0])).text).toBe('good clay')
    socket.close(1000)
    expect((await once(socket, 'close'))[0]).toBe(1000)
  },
)
