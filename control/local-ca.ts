// The local certificate authority: HTTPS for every name from the first second, trusted once per machine.
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { join } from 'node:path'
import type { Certificate } from '../proxy/messages.ts'
import type { Pair } from './certificate-maker.ts'
import { makeCertificates } from './make-certificates.ts'

const DAY_MS = 86_400_000
/** An authority must outlast the leaves it signs. */
const CA_MIN_DAYS = 365
const RENEW_DAYS = 30
/** Names in one certificate: every handshake carries them all. */
const NAMES_EACH = 60

/** Where the authority's certificate lies, for people to trust. */
export const caFile = (data: string): string => join(data, 'ca', 'ca.crt')

/** Certificates for the names, from disk where they still do, else new ones. */
export async function localCertificates(
  data: string,
  names: readonly string[],
  nowMs = Date.now(),
): Promise<Certificate[]> {
  const directory = join(data, 'ca')
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const authority = await keptAuthority(directory, nowMs)
  const leaves = []
  for (let first = 0; first < names.length; first += NAMES_EACH) {
    const some = names.slice(first, first + NAMES_EACH)
    const file = join(directory, `leaf-${first / NAMES_EACH}`)
    leaves.push({ names: some, file, pair: await keptLeaf(file, some, authority, nowMs) })
  }
  const missing = leaves.filter(leaf => leaf.pair === null)
  if (missing.length > 0) {
    const made = await makeCertificates({ authority, leaves: missing.map(leaf => leaf.names), nowMs })
    if (authority === null) await write(join(directory, 'ca'), made.authority)
    for (const [index, leaf] of missing.entries()) {
      leaf.pair = made.leaves[index]!
      await write(leaf.file, leaf.pair)
    }
  }
  return leaves.map(({ names: of, pair }) => ({ names: of, ...pair! }))
}

async function keptAuthority(directory: string, nowMs: number): Promise<Pair | null> {
  const kept = await read(join(directory, 'ca'))
  return kept !== undefined && lasts(kept, CA_MIN_DAYS, nowMs) ? kept : null
}

async function keptLeaf(
  file: string,
  names: readonly string[],
  authority: Pair | null,
  nowMs: number,
): Promise<Pair | null> {
  const kept = await read(file)
  return kept !== undefined && authority !== null && usable(kept, names, authority, nowMs) ? kept : null
}

function usable(pair: Pair, names: readonly string[], authority: Pair, nowMs: number): boolean {
  try {
    const leaf = new X509Certificate(pair.certificate)
    const issuer = new X509Certificate(authority.certificate)
    const written = leaf.subjectAltName?.split(', ').map(it => it.replace(/^(?:DNS|IP Address):/, '')) ?? []
    const known = new Set(written.map(plain))
    return (
      lasts(pair, RENEW_DAYS, nowMs) &&
      leaf.verify(issuer.publicKey) &&
      names.every(name => known.has(plain(name)))
    )
  } catch {
    return false
  }
}

/** Addresses have many spellings; OpenSSL prints the long one. */
const plain = (name: string): string =>
  isIP(name) === 6 || name.includes(':') ? new URL(`http://[${name}]`).hostname : name

function lasts(pair: Pair, days: number, nowMs: number): boolean {
  try {
    const certificate = new X509Certificate(pair.certificate)
    const from = Date.parse(certificate.validFrom)
    const until = Date.parse(certificate.validTo)
    return (
      from <= nowMs &&
      until - nowMs > days * DAY_MS &&
      certificate.checkPrivateKey(createPrivateKey(pair.key))
    )
  } catch {
    return false
  }
}

async function read(file: string): Promise<Pair | undefined> {
  try {
    return { certificate: await readFile(`${file}.crt`, 'utf8'), key: await readFile(`${file}.key`, 'utf8') }
  } catch {
    return undefined
  }
}

/** Key first: a certificate without its key would only be made again. */
async function write(file: string, { certificate, key }: Pair): Promise<void> {
  for (const [name, text, mode] of [
    [`${file}.key`, key, 0o600],
    [`${file}.crt`, certificate, 0o644],
  ] as const) {
    await writeFile(`${name}.new`, text, { mode })
    await rename(`${name}.new`, name)
  }
}
