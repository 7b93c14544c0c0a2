// A reply that is lost, cut or out of order because it took the short way would be worse than a slow one.
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { writeText } from '../../../proxy/lib/write-text.ts'

const sockets: Socket[] = []
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy()
})

/** Two ends of a connection; the far one does not read yet. */
async function pair(): Promise<[near: Socket, far: Socket]> {
  const server = createServer({ pauseOnConnect: true })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const near = connect((server.address() as AddressInfo).port, '127.0.0.1')
  const far = await new Promise<Socket>(resolve => server.once('connection', resolve))
  await new Promise(resolve => (near.connecting ? near.once('connect', resolve) : resolve(null)))
  server.close()
  sockets.push(near, far)
  return [near, far]
}

const readAll = (socket: Socket): Promise<string> =>
  new Promise(resolve => {
    let text = ''
    socket.setEncoding('latin1')
    socket.on('data', piece => {
      text += piece
    })
    socket.on('end', () => resolve(text))
    socket.resume()
  })

/** Who is told that it has left. */
function someone() {
  const { promise, resolve } = Promise.withResolvers<void>()
  const it = {
    times: 0,
    promise,
    written() {
      it.times++
      resolve()
    },
  }
  return it
}

const PIECE = 'p'.repeat(256 * 1024)

test('what the kernel takes at once has left, and nobody is told', async () => {
  const [near, far] = await pair()
  const whose = someone()
  expect(writeText(near, true, 'one\xe9', whose)).toBe(true)
  near.end()
  expect(await readAll(far)).toBe('one\xe9')
  expect(whose.times).toBe(0)
})

test('through the stream it is told, once', async () => {
  const [near, far] = await pair()
  const whose = someone()
  expect(writeText(near, false, 'one\xe9', whose)).toBe(false)
  await whose.promise
  near.end()
  expect(await readAll(far)).toBe('one\xe9')
  expect(whose.times).toBe(1)
})

test.each([true, false])('what does not fit waits, in order, and tells when it left: %s', async plain => {
  const [near, far] = await pair()
  const [first, second] = [someone(), someone()]
  let pieces = 1
  while (writeText(near, plain, PIECE, first) && pieces < 1000) pieces++
  // Behind one that waits, both ways keep their order.
  expect(writeText(near, plain, PIECE.repeat(64), second)).toBe(false)
  await new Promise(resolve => setImmediate(resolve))
  expect(second.times).toBe(0)
  near.write('third')
  near.end()
  const all = await readAll(far)
  await Promise.all([first.promise, second.promise])
  expect(all.length).toBe((pieces + 64) * PIECE.length + 'third'.length)
  expect(all.endsWith('pthird')).toBe(true)
  expect([first.times, second.times]).toEqual([1, 1])
})

test('a connection that breaks while some of it waits says so, and nothing is said to have left', async () => {
  const [near, far] = await pair()
  const failed = new Promise<NodeJS.ErrnoException>(resolve => near.once('error', resolve))
  const closed = new Promise(resolve => near.once('close', resolve))
  const whose = someone()
  while (writeText(near, true, PIECE, whose));
  far.resetAndDestroy()
  expect((await failed).code).toMatch(/ECONNRESET|EPIPE/)
  await closed
  expect(whose.times).toBe(0)
})

test('a socket that is closed already takes nothing', async () => {
  const [near] = await pair()
  near.on('error', () => {})
  near.destroy()
  const whose = someone()
  expect(writeText(near, true, 'late', whose)).toBe(false)
  await new Promise(resolve => setImmediate(resolve))
  expect(whose.times).toBe(0)
})
