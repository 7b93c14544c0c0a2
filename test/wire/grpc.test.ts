// Calls with a real gRPC client and server: without these a service mesh's traffic would break at the gate.
import {
  type CallOptions,
  Client,
  type ClientDuplexStream,
  credentials,
  Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceError,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ServedCertificate } from '../../proxy/wire/tls.ts'
import { makeCertificate } from '../support/certificate.ts'
import { startGate, type TestGate } from '../support/gate.ts'

const same = (value: Buffer): Buffer => value
const shape = {
  requestSerialize: same,
  requestDeserialize: same,
  responseSerialize: same,
  responseDeserialize: same,
}
const path = (name: string) => `/shop.Shop/${name}`
const service = {
  unary: { path: path('unary'), requestStream: false, responseStream: false, ...shape },
  upload: { path: path('upload'), requestStream: true, responseStream: false, ...shape },
  list: { path: path('list'), requestStream: false, responseStream: true, ...shape },
  chat: { path: path('chat'), requestStream: true, responseStream: true, ...shape },
}

let cancelled = (_: unknown): void => {}
const implementation = {
  unary(call: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>) {
    const text = call.request.toString()
    if (text === 'fail') {
      const metadata = new Metadata()
      metadata.set('x-why', 'asked for')
      return done({ code: status.NOT_FOUND, details: 'no such mug: ü', metadata })
    }
    if (text === 'hang') return void call.on('cancelled', cancelled)
    done(null, call.request)
  },
  upload(call: ServerReadableStream<Buffer, Buffer>, done: sendUnaryData<Buffer>) {
    let bytes = 0
    call.on('data', (part: Buffer) => (bytes += part.length))
    call.on('end', () => done(null, Buffer.from(String(bytes))))
  },
  list(call: ServerWritableStream<Buffer, Buffer>) {
    for (let i = 0; i < Number(call.request.toString()); i++) call.write(Buffer.from(String(i)))
    call.end()
  },
  chat(call: ServerDuplexStream<Buffer, Buffer>) {
    call.on('data', (part: Buffer) => call.write(part))
    call.on('end', () => call.end())
    call.on('cancelled', () => cancelled('chat'))
  },
}

let certificate: ServedCertificate
beforeAll(async () => {
  certificate = await makeCertificate(['localhost'])
})

/** @param secure the server speaks TLS */
async function start(
  secure: boolean,
  more = '',
): Promise<{ gate: TestGate; client: Client; close(): Promise<void> }> {
  const server = new Server({ 'grpc.max_receive_message_length': -1 })
  server.addService(service, implementation)
  const pair = { cert_chain: Buffer.from(certificate.certificate), private_key: Buffer.from(certificate.key) }
  const identity = secure ? ServerCredentials.createSsl(null, [pair]) : ServerCredentials.createInsecure()
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', identity, (error, at) => (error === null ? resolve(at) : reject(error))),
  )
  const to = `{ targets: ["${secure ? 'h2' : 'h2c'}://127.0.0.1:${port}"], verify: false }`
  const gate = await startGate(`routes:\n  localhost:\n    to: ${to}\n${more}`, [certificate])
  const client = connect(gate)
  return {
    gate,
    client,
    async close() {
      client.close()
      await gate.close()
      server.forceShutdown()
    },
  }
}

function connect(gate: TestGate): Client {
  const trust = credentials.createSsl(Buffer.from(certificate.certificate))
  return new Client(`localhost:${gate.https}`, trust, {
    'grpc.max_receive_message_length': -1,
    'grpc.enable_http_proxy': 0,
    'grpc.enable_retries': 0,
  })
}

function unary(
  client: Client,
  text: string | Buffer,
  options: CallOptions = {},
  name = 'unary',
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      path(name),
      same,
      same,
      Buffer.from(text),
      new Metadata(),
      options,
      (error, value) => (error === null ? resolve(value!) : reject(error)),
    )
  })
}

const failure = (call: Promise<unknown>): Promise<ServiceError> =>
  call.then(
    () => {
      throw new Error('expected a failure')
    },
    error => error as ServiceError,
  )

const chat = (client: Client): ClientDuplexStream<Buffer, Buffer> =>
  client.makeBidiStreamRequest(path('chat'), same, same)

describe.each([
  ['h2c', false],
  ['h2', true],
] as const)('to an upstream over %s', (_name, secure) => {
  let world: Awaited<ReturnType<typeof start>>
  beforeAll(async () => {
    world = await start(secure)
  })
  afterAll(() => world.close())

  test('a unary call is answered, and its status stands in the record', async () => {
    expect((await unary(world.client, 'mug')).toString()).toBe('mug')
    const record = (await world.gate.records(1)).at(-1)!
    expect(record).toMatchObject({
      status: 200,
      grpcStatus: 0,
      error: '',
      path: '/shop.Shop/unary',
      protocol: '2',
    })
  })

  test('an error comes with its code, its message and its metadata', async () => {
    const error = await failure(unary(world.client, 'fail'))
    expect([error.code, error.details, error.metadata.get('x-why')]).toEqual([
      status.NOT_FOUND,
      'no such mug: ü',
      ['asked for'],
    ])
    const records = await world.gate.records(2)
    expect(records.at(-1)).toMatchObject({ status: 200, grpcStatus: status.NOT_FOUND })
  })

  test('a message of many megabytes passes both ways', async () => {
    const large = Buffer.alloc(12 * 1024 * 1024, 7)
    expect((await unary(world.client, large)).equals(large)).toBe(true)
  })

  test('a client streams, the server answers once', async () => {
    const answer = await new Promise((resolve, reject) => {
      const call = world.client.makeClientStreamRequest(path('upload'), same, same, (error, value) =>
        error === null ? resolve(String(value)) : reject(error),
      )
      for (let i = 0; i < 100; i++) call.write(Buffer.alloc(10_000))
      call.end()
    })
    expect(answer).toBe('1000000')
  })

  test('a server streams', async () => {
    const call = world.client.makeServerStreamRequest(path('list'), same, same, Buffer.from('500'))
    const heard: string[] = []
    for await (const part of call) heard.push(String(part))
    expect(heard).toEqual(Array.from({ length: 500 }, (_, i) => String(i)))
  })

  test('both stream, each word answered before the next is said', async () => {
    const call = chat(world.client)
    const heard: string[] = []
    await new Promise<void>((resolve, reject) => {
      call.on('data', part => {
        heard.push(String(part))
        if (heard.length < 20) call.write(Buffer.from(String(heard.length)))
        else call.end()
      })
      call.on('end', resolve)
      call.on('error', reject)
      call.write(Buffer.from('0'))
    })
    expect(heard).toEqual(Array.from({ length: 20 }, (_, i) => String(i)))
  })

  test('a deadline ends the call at the client and at the server', async () => {
    const told = new Promise(resolve => (cancelled = resolve))
    const error = await failure(unary(world.client, 'hang', { deadline: Date.now() + 100 }))
    expect(error.code).toBe(status.DEADLINE_EXCEEDED)
    await told
  })

  test('a call that its client cancels is cancelled at the server', async () => {
    const told = new Promise(resolve => (cancelled = resolve))
    const call = chat(world.client)
    call.on('error', () => {})
    await new Promise(resolve => {
      call.once('data', resolve)
      call.write(Buffer.from('hello'))
    })
    call.cancel()
    expect(await told).toBe('chat')
  })
})

test('what Oriel itself refuses is told in the words of gRPC, and recorded with both', async () => {
  const world = await start(false, '    limit: { rate: 1/h, burst: 1 }\n    guard: { maxBody: 1kb }\n')
  await unary(world.client, 'first')
  const limited = await failure(unary(world.client, 'second'))
  expect([limited.code, limited.details]).toEqual([status.UNAVAILABLE, expect.stringContaining('request ')])
  const records = await world.gate.records(2)
  expect(records.at(-1)).toMatchObject({
    status: 200,
    grpcStatus: 14,
    error: 'rate_limited',
    answeredBy: 'limit',
  })
  await world.close()
})

test('a message over guard.maxBody exhausts a resource; an unknown route is not implemented', async () => {
  const world = await start(false, '    guard: { maxBody: 1kb }\n')
  const large = await failure(unary(world.client, Buffer.alloc(4096)))
  expect(large.code).toBe(status.RESOURCE_EXHAUSTED)
  world.gate.reload('routes:\n  elsewhere.test: 9\n')
  const lost = await failure(unary(world.client, 'x'))
  expect(lost.code).toBe(status.UNIMPLEMENTED)
  await world.close()
})

test('an upstream that cannot be reached is UNAVAILABLE, and the call may be tried again', async () => {
  const gate = await startGate('routes:\n  localhost: h2c://127.0.0.1:9\n', [certificate])
  const client = connect(gate)
  const error = await failure(unary(client, 'x'))
  expect(error.code).toBe(status.UNAVAILABLE)
  const record = (await gate.records(1)).at(-1)!
  expect(record).toMatchObject({ grpcStatus: 14, error: 'connection_refused' })
  client.close()
  await gate.close()
})

test('the cache and the compressor leave a call alone', async () => {
  const world = await start(false, '    cache: true\n    compress: true\n')
  const text = 'a'.repeat(5000)
  for (let i = 0; i < 2; i++) expect((await unary(world.client, text)).toString()).toBe(text)
  const records = await world.gate.records(2)
  expect(records.map(record => [record.cache, record.answeredBy])).toEqual([
    ['bypass', 'upstream'],
    ['bypass', 'upstream'],
  ])
  expect(records[0]!.verdicts.find(verdict => verdict.stage === 'compress')).not.toMatchObject({
    reason: 'compressed',
  })
  await world.close()
})
