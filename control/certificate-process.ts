// A process of its own that makes certificates and ends: what that needs in memory, Oriel need not keep.
import { makeAuthority, makeLeaf, type Pair } from './certificate-maker.ts'

export interface CertificateJob {
  /** Null: make a new one. */
  authority: Pair | null
  /** The names of each certificate that is wanted. */
  leaves: string[][]
  nowMs: number
}

export interface CertificateResult {
  authority: Pair
  leaves: Pair[]
}

process.once('message', async ({ authority, leaves, nowMs }: CertificateJob) => {
  const signer = authority ?? (await makeAuthority(nowMs))
  const made = await Promise.all(leaves.map(names => makeLeaf(signer, names, nowMs)))
  const result: CertificateResult = { authority: signer, leaves: made }
  process.send?.(result, () => process.exit(0))
})
