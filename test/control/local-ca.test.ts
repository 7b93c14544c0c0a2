// The local CA, judged by a real TLS client.
import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, createServer } from 'node:tls'
import { expect, it } from 'vitest'
import { caFile, localCertificates } from '../../control/local-ca.ts'
import type { Certificate } from '../../proxy/messages.ts'

const directory = () => mkdtempSync(join(tmpdir(), 'oriel-ca-'))
const DAY_MS = 86_400_000

/** @returns whether a client that trusts only this CA accepts the name */
async function accepts(certificate: Certificate, data: string, name: string): Promise<boolean | string> {
  const server = createServer({ cert: certificate.certificate, key: certificate.key })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  try {
    return await new Promise(resolve => {
      const ca = readFileSync(caFile(data))
      const socket = connect({
        port,
        host: '127.0.0.1',
        servername: /[a-z]/.test(name) ? name : '',
        ca,
        minVersion: 'TLSv1.3',
      })
      socket.once('secureConnect', () => resolve(socket.authorized))
      socket.once('error', error => resolve((error as NodeJS.ErrnoException).code ?? error.message))
      socket.once('secureConnect', () => socket.destroy())
    })
  } finally {
    server.close()
  }
}

it('makes certificates that a client accepts, for names, wildcards and addresses', async () => {
  const data = directory()
  const [certificate] = await localCertificates(data, [
    'app.example',
    '*.wild.example',
    'localhost',
    '127.0.0.1',
    '::1',
  ])
  expect(await accepts(certificate!, data, 'app.example')).toBe(true)
  expect(await accepts(certificate!, data, 'one.wild.example')).toBe(true)
  expect(await accepts(certificate!, data, 'localhost')).toBe(true)
  expect(await accepts(certificate!, data, '127.0.0.1')).toBe(true)
  expect(await accepts(certificate!, data, 'other.example')).toBe('ERR_TLS_CERT_ALTNAME_INVALID')
})

it('keeps authority and leaf over a restart, with keys for the owner alone', async () => {
  const data = directory()
  const names = ['app.example', '::1']
  const first = await localCertificates(data, names)
  expect(await localCertificates(data, names)).toEqual(first)
  for (const key of ['ca.key', 'leaf-0.key']) expect(statSync(join(data, 'ca', key)).mode & 0o777).toBe(0o600)
})

it('makes a new leaf of the same authority for new names, before expiry, and for a broken file', async () => {
  const data = directory()
  const [first] = await localCertificates(data, ['a.example'])
  const ca = readFileSync(caFile(data), 'utf8')
  const [wider] = await localCertificates(data, ['a.example', 'b.example'])
  expect(wider?.certificate).not.toBe(first?.certificate)
  const [renewed] = await localCertificates(data, ['a.example'], Date.now() + 340 * DAY_MS)
  expect(renewed?.certificate).not.toBe(wider?.certificate)
  writeFileSync(join(data, 'ca', 'leaf-0.key'), 'nonsense')
  const [repaired] = await localCertificates(data, ['a.example'])
  expect(await accepts(repaired!, data, 'a.example')).toBe(true)
  expect(readFileSync(caFile(data), 'utf8')).toBe(ca)
})

it('spreads many names over several certificates', async () => {
  const names = Array.from({ length: 130 }, (_, i) => `h${i}.example`)
  const certificates = await localCertificates(directory(), names)
  expect(certificates.map(it => it.names.length)).toEqual([60, 60, 10])
})
