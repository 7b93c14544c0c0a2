// Run as a process of its own by memory.test.ts: a million distinct keys through a store, and what that takes.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Headers } from '../../../../proxy/lib/headers.ts'
import { readFields } from '../../../../proxy/lib/http1/fields.ts'
import { NO_DIRECTIVES } from '../../../../proxy/stages/cache/directives.ts'
import { Entry } from '../../../../proxy/stages/cache/entry.ts'
import { CacheStore } from '../../../../proxy/stages/cache/store.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
const KEYS = 1_000_000
const bodyBytes = Number(process.argv[2])
const budgetBytes = Number(process.argv[3])

/** What lives: the heap and the buffers beside it. */
function livingBytes(): number {
  collect()
  collect()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

const store = new CacheStore(budgetBytes)
const none = new Headers()
const before = livingBytes()
let most = 0
for (let n = 0; n < KEYS; n++) {
  const body = Buffer.allocUnsafeSlow(bodyBytes)
  // As they come from a wire: cut out of a text that holds the body, too.
  const head = `Content-Type: application/json\r\nETag: "${n}"\r\nCache-Control: max-age=${60 + (n % 7)}\r\nX-Id: a-value-of-its-own-${n}`
  const read = Buffer.concat([Buffer.from(`${head}\r\n\r\n`), body]).toString('latin1')
  const fields = new Headers(readFields(read.slice(0, head.length), 0)!)
  const entry = new Entry(
    200,
    fields,
    body,
    { rules: NO_DIRECTIVES, lifetimeS: 60, bornMs: 0, vary: [] } as never,
    0,
  )
  store.put(`http://app.example.com/products/${n}?page=${n % 10}`, [], none, entry, 0)
  if (n % 200_000 === 199_999) most = Math.max(most, livingBytes() - before)
}
process.stdout.write(JSON.stringify({ most, counted: store.bytes, entries: store.entries }))
