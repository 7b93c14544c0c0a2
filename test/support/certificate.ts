// A throw-away certificate for tests: self-signed, made once per process.
import 'node:crypto'
import { webcrypto } from 'node:crypto'
import { cryptoProvider, PemConverter, X509CertificateGenerator } from '@peculiar/x509'
import type { ServedCertificate } from '../../proxy/wire/tls.ts'

export async function makeCertificate(names: string[]): Promise<ServedCertificate> {
  const crypto = webcrypto as unknown as typeof globalThis.crypto
  cryptoProvider.set(crypto)
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = (await crypto.subtle.generateKey(algorithm, true, [
    'sign',
    'verify',
  ])) as webcrypto.CryptoKeyPair
  const { SubjectAlternativeNameExtension } = await import('@peculiar/x509')
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: `CN=${names[0]}`,
    notBefore: new Date(Date.now() - 60_000),
    notAfter: new Date(Date.now() + 86_400_000),
    keys,
    signingAlgorithm: algorithm,
    extensions: [new SubjectAlternativeNameExtension(names.map(value => ({ type: 'dns' as const, value })))],
  })
  const key = PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY')
  return { names, certificate: certificate.toString('pem'), key }
}
