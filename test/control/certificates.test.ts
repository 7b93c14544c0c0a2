// Certificates from files: the good ones serve, a bad one disables only itself and says why.
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { parse } from '../../config/load.ts'
import { makeAuthority, makeLeaf, type Pair } from '../../control/certificate-maker.ts'
import { certificatesFor } from '../../control/certificates.ts'

const DAY_MS = 86_400_000
const data = mkdtempSync(join(tmpdir(), 'oriel-certificates-'))
let authority: Pair

beforeAll(async () => {
  authority = await makeAuthority(Date.now())
})

async function file(name: string, names: string[], nowMs = Date.now()): Promise<Pair> {
  const pair = await makeLeaf(authority, names, nowMs)
  writeFileSync(join(data, `${name}.crt`), pair.certificate)
  writeFileSync(join(data, `${name}.key`), pair.key)
  return pair
}

function configWith(...certificates: [certificate: string, key: string][]) {
  const list = certificates
    .map(([certificate, key]) => `{ certificate: ${certificate}, key: ${key} }`)
    .join(', ')
  const text = `data: .\ncertificates: [${list}]\nroutes: { app.example: 1, "*.wild.example": 2, plain.example: 3 }`
  const outcome = parse(text, join(data, 'oriel.yaml'))
  if (!outcome.ok) throw new Error(outcome.problems.join('\n'))
  return outcome.config
}

it('serves good files and makes the rest with the local CA', async () => {
  await file('good', ['app.example', '*.wild.example'])
  const { certificates, problems } = await certificatesFor(configWith(['good.crt', 'good.key']))
  expect(problems).toEqual([])
  expect(certificates.map(it => it.names)).toEqual([
    ['app.example', '*.wild.example'],
    ['localhost', '127.0.0.1', '::1', 'plain.example'],
  ])
})

it('refuses a key of another certificate, an expired one, nonsense and a missing file, each alone', async () => {
  await file('good', ['app.example'])
  await file('other', ['other.example'])
  await file('old', ['old.example'], Date.now() - 400 * DAY_MS)
  writeFileSync(join(data, 'nonsense.crt'), 'nonsense')
  const { certificates, problems } = await certificatesFor(
    configWith(
      ['good.crt', 'good.key'],
      ['good.crt', 'other.key'],
      ['old.crt', 'old.key'],
      ['nonsense.crt', 'good.key'],
      ['missing.crt', 'good.key'],
    ),
  )
  expect(certificates[0]?.names).toEqual(['app.example'])
  const reasons = problems.map(it => it.reason)
  expect(reasons[0]).toBe(`the key ${join(data, 'other.key')} belongs to another certificate`)
  expect(reasons[1]).toMatch(/^expired on \d{4}-\d\d-\d\d$/)
  expect(reasons[2]).toMatch(/^not a usable certificate and key/)
  expect(reasons[3]).toBe(`cannot read ${join(data, 'missing.crt')} (ENOENT)`)
})
