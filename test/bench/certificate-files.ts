// The self-signed certificate of a run, as files for all targets.
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { makeCertificate } from '../support/certificate.ts'
import type { CertificateFiles } from './target.ts'

export async function certificateFiles(folder: string): Promise<CertificateFiles> {
  const { certificate, key } = await makeCertificate(['bench.test'])
  const file = (name: string, text: string) => {
    const full = path.join(folder, name)
    writeFileSync(full, text, { mode: 0o600 })
    return full
  }
  return {
    certificate: file('certificate.pem', certificate),
    key: file('key.pem', key),
    both: file('both.pem', `${certificate}\n${key}\n`),
  }
}
