// The certificates of a configuration: those from files that are good, the local CA's for all other names.
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Config } from '../config/schema.ts'
import type { Certificate } from '../proxy/messages.ts'
import { localCertificates } from './local-ca.ts'

export interface CertificateSet {
  certificates: Certificate[]
  /** A bad certificate disables only itself. */
  problems: { route: string; reason: string }[]
}

/** Reached without a name in the configuration too: by people at the machine. */
const ALWAYS = ['localhost', '127.0.0.1', '::1']

export async function certificatesFor(config: Config, nowMs = Date.now()): Promise<CertificateSet> {
  if (config.listen.https === null) return { certificates: [], problems: [] }
  const problems: CertificateSet['problems'] = []
  const fromFiles: Certificate[] = []
  for (const { certificate, key } of config.certificates) {
    const result = await fromFile(certificate, key, nowMs)
    if (typeof result === 'string') problems.push({ route: certificate, reason: result })
    else fromFiles.push(result)
  }
  const covered = new Set(fromFiles.flatMap(it => it.names))
  const hosts = config.routes.map(route => route.host.replace(/^\[|\]$/g, '')).filter(host => host !== '*')
  const names = [...new Set([...ALWAYS, ...hosts])].filter(name => !isCovered(name, covered))
  const local = await localCertificates(config.data, names, nowMs)
  return { certificates: [...fromFiles, ...local], problems }
}

function isCovered(name: string, covered: ReadonlySet<string>): boolean {
  return covered.has(name) || (name.includes('.') && covered.has(`*${name.slice(name.indexOf('.'))}`))
}

/** @returns what is wrong, as a string */
async function fromFile(
  certificateFile: string,
  keyFile: string,
  nowMs: number,
): Promise<Certificate | string> {
  try {
    const certificate = await readFile(certificateFile, 'utf8')
    const key = await readFile(keyFile, 'utf8')
    const leaf = new X509Certificate(certificate)
    if (!leaf.checkPrivateKey(createPrivateKey(key)))
      return `the key ${keyFile} belongs to another certificate`
    if (Date.parse(leaf.validTo) <= nowMs)
      return `expired on ${new Date(leaf.validTo).toISOString().slice(0, 10)}`
    const names = namesOf(leaf)
    return names.length === 0 ? 'it is for no name (no subjectAltName)' : { names, certificate, key }
  } catch (error) {
    const { code, path, message } = error as NodeJS.ErrnoException
    return path === undefined
      ? `not a usable certificate and key (${message})`
      : `cannot read ${path} (${code})`
  }
}

function namesOf(leaf: X509Certificate): string[] {
  const written = leaf.subjectAltName?.split(', ') ?? []
  return written.flatMap(it => /^(?:DNS|IP Address):(.+)$/.exec(it)?.[1]?.toLowerCase() ?? [])
}
