// The heads that the gate compresses: a client with a smaller table, or a larger one, reads the same (RFC 7541).
import { expect, test } from 'vitest'
import { echoOf, openBench } from '../../support/http2/examiner.ts'
import { ACK, SETTING, settings, settingsOf, TYPE } from '../../support/http2/frame.ts'
import { pseudo } from '../../support/http2/hpack.ts'

const bench = openBench()

test.each([0, 1, 64, 100, 4096, 65_536])(
  'RFC 7541 4.2: a table of %i octets at the client is kept to, from the first answer on',
  async size => {
    const client = await bench.open(settingsOf([SETTING.HEADER_TABLE_SIZE, size]))
    client.hpack.allow(size)
    for (let i = 0; i < 40; i++) {
      const stream = 2 * i + 1
      client.request(stream, pseudo({ ':path': `/echo/${i}` }))
      expect((await echoOf(client, stream)).url).toBe(`/echo/${i}`)
      expect(client.fault).toBeUndefined()
    }
    expect(client.hpack.bytes).toBeLessThanOrEqual(size)
    client.destroy()
  },
)

test('6.5.3: a table that changes while answers flow is changed in both at the same answer', async () => {
  const client = await bench.open()
  let stream = -1
  const ask = async () => {
    client.request((stream += 2), pseudo({ ':path': '/five' }))
    expect(await client.answer(stream)).toMatchObject({ body: '12345' })
    expect(client.fault).toBeUndefined()
  }
  for (const size of [4096, 50, 0, 2000, 0, 4096]) {
    for (let i = 0; i < 5; i++) await ask()
    const from = client.frames.length
    client.send(settings([SETTING.HEADER_TABLE_SIZE, size]))
    await client.find(({ type, flags }) => type === TYPE.SETTINGS && flags === ACK, from)
    client.hpack.allow(size)
  }
  await ask()
  client.destroy()
})

test.each([
  ['in two frames', [settings([SETTING.HEADER_TABLE_SIZE, 0]), settings([SETTING.HEADER_TABLE_SIZE, 4096])]],
  ['in one frame', [settings([SETTING.HEADER_TABLE_SIZE, 0], [SETTING.HEADER_TABLE_SIZE, 4096])]],
])('RFC 7541 4.2: of two changes between answers, %s, the smaller is said, too', async (_name, changes) => {
  const client = await bench.open()
  for (let i = 0; i < 3; i++) {
    client.request(2 * i + 1, pseudo({ ':path': '/five' }))
    await client.answer(2 * i + 1)
  }
  const from = client.frames.length
  client.send(...changes)
  let acks = 0
  await client.find(
    ({ type, flags }) => type === TYPE.SETTINGS && flags === ACK && ++acks === changes.length,
    from,
  )
  client.hpack.allow(0)
  client.hpack.allow(4096)
  client.request(9, pseudo({ ':path': '/five' }))
  expect(await client.answer(9)).toMatchObject({ body: '12345' })
  expect(client.fault).toBeUndefined()
  client.destroy()
})

test('RFC 7541 7.1.3: what each answer has for itself does not crowd the table', async () => {
  const client = await bench.open()
  for (let i = 0; i < 20; i++) {
    client.request(2 * i + 1, pseudo({ ':path': '/five' }))
    await client.answer(2 * i + 1)
  }
  expect(client.hpack.table.filter(([name]) => name === 'x-request-id')).toEqual([])
  client.destroy()
})
