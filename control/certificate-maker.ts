// Makes the certificates of the local CA. Large: runs in certificate-process.ts, and in tests.
import { createPrivateKey, randomBytes, webcrypto } from 'node:crypto'
import { isIP } from 'node:net'
import * as x509 from '@peculiar/x509'

/** PEM. */
export interface Pair {
  certificate: string
  key: string
}

const DAY_MS = 86_400_000
const CA_DAYS = 3650
/** Browsers take no leaf that lasts longer than 398 days. */
const LEAF_DAYS = 365
/** A clock that is a little behind must not see a certificate from the future. */
const BACKDATE_MS = 3_600_000
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

x509.cryptoProvider.set(webcrypto as never)

const pem = (key: ArrayBuffer): string =>
  `-----BEGIN PRIVATE KEY-----\n${Buffer.from(key)
    .toString('base64')
    .replace(/.{64}(?=.)/g, '$&\n')}\n-----END PRIVATE KEY-----\n`

const serial = (): string => `00${randomBytes(16).toString('hex')}`

const validity = (nowMs: number, days: number) => ({
  notBefore: new Date(nowMs - BACKDATE_MS),
  notAfter: new Date(nowMs + days * DAY_MS),
})

/** A new authority of its own name. */
export async function makeAuthority(nowMs: number): Promise<Pair> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name: `CN=Oriel local CA ${randomBytes(3).toString('hex')}`,
    ...validity(nowMs, CA_DAYS),
    keys: keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return {
    certificate: `${certificate.toString('pem')}\n`,
    key: pem(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)),
  }
}

/** A server certificate for DNS names and addresses. */
export async function makeLeaf(authority: Pair, names: readonly string[], nowMs: number): Promise<Pair> {
  const issuer = new x509.X509Certificate(authority.certificate)
  const der = createPrivateKey(authority.key).export({ type: 'pkcs8', format: 'der' })
  const signingKey = await webcrypto.subtle.importKey('pkcs8', der, ALGORITHM, false, ['sign'])
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serial(),
    subject: 'CN=Oriel',
    issuer: issuer.subject,
    ...validity(nowMs, LEAF_DAYS),
    publicKey: keys.publicKey,
    signingKey: signingKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        names.map(name => ({ type: isIP(name) ? 'ip' : 'dns', value: name })),
      ),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return {
    certificate: `${certificate.toString('pem')}\n`,
    key: pem(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)),
  }
}
