// Has certificates made by a process that ends afterwards.
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { CertificateJob, CertificateResult } from './certificate-process.ts'

const DEADLINE_MS = 20_000

/** @throws Error when the process fails */
export function makeCertificates(job: CertificateJob): Promise<CertificateResult> {
  const file = fileURLToPath(new URL(`./certificate-process${import.meta.url.slice(-3)}`, import.meta.url))
  return new Promise((resolve, reject) => {
    const child = fork(file, [], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      timeout: DEADLINE_MS,
      execArgv: [],
    })
    child.once('message', result => resolve(result as CertificateResult))
    child.once('error', reject)
    child.once('exit', code => reject(new Error(`making certificates failed (exit code ${code})`)))
    child.send(job)
  })
}
