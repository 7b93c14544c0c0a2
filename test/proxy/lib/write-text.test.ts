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

test.each([true, false])('what the kernel takes at once has left (plain: %s)', async plain => {
  const [near, far] = await pair()
  expect(writeText(near, plain, 'one\xe9')).toBe(true)
  expect(near.writableLength).toBe(0)
  near.end()
  expect(await readAll(far)).toBe('one\xe9')
})

test.each([true, false])(
  'what does not fit waits, in order, and tells when it has left (plain: %s)',
  async plain => {
    const [near, far] = await pair()
    const piece = 'p'.repeat(256 * 1024)
    let count = 0
    while (writeText(near, plain, piece)) count++
    // Behind one that waits, both ways keep their order.
    writeText(near, plain, 'second')
    let left = false
    const gone = new Promise(resolve =>
      near.write('', error => {
        left = true
        resolve(error)
      }),
    )
    await new Promise(resolve => setImmediate(resolve))
    expect(left).toBe(false)
    near.write('third')
    near.end()
    const [all, error] = await Promise.all([readAll(far), gone])
    expect(error ?? null).toBe(null)
    expect(all.length).toBe((count + 1) * piece.length + 'secondthird'.length)
    expect(all.endsWith('psecondthird')).toBe(true)
  },
)

test('a connection that breaks while some of it waits says so, and nothing is said to have left', async () => {
  const [near, far] = await pair()
  const failed = new Promise<NodeJS.ErrnoException>(resolve => near.once('error', resolve))
  while (writeText(near, true, 'p'.repeat(256 * 1024)));
  const told = new Promise(resolve => near.write('', error => resolve(error)))
  far.resetAndDestroy()
  expect((await failed).code).toMatch(/ECONNRESET|EPIPE/)
  expect(await told).toBeInstanceOf(Error)
})

test('a socket that is closed already takes nothing', async () => {
  const [near] = await pair()
  near.on('error', () => {})
  near.destroy()
  expect(writeText(near, true, 'late') && near.writableLength > 0).toBe(false)
  const told = await new Promise(resolve => near.write('', error => resolve(error)))
  expect(told).toBeInstanceOf(Error)
})
