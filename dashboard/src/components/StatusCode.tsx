// A status with its glyph and colour; and the same for an upstream's state and a cache verdict.
import type { UpstreamRow } from '../../../control/admin/contract.ts'
import { cacheToken, STATUS_LOOK, statusClass, upstreamLook } from '../lib/status.ts'
import { Glyph } from './Glyph.tsx'

export function StatusCode({ status, aborted = false }: { status: number; aborted?: boolean }) {
  const look = STATUS_LOOK[statusClass(status, aborted)]
  return (
    <span className="inline-flex items-center gap-1.5 font-mono" style={{ color: `var(--${look.token})` }}>
      <Glyph shape={look.glyph} />
      <span>{status === 0 ? '–' : status}</span>
      {aborted && <span className="sr-only">aborted</span>}
    </span>
  )
}

export function UpstreamState({ state }: { state: UpstreamRow['state'] }) {
  const look = upstreamLook(state)
  return (
    <span className="inline-flex items-center gap-1.5" style={{ color: `var(--${look.token})` }}>
      <Glyph shape={look.glyph} />
      {look.word}
    </span>
  )
}

export function CacheVerdict({ verdict }: { verdict: string }) {
  if (verdict === 'none') return <span className="text-faint">–</span>
  const token = cacheToken(verdict)
  return (
    <span className="inline-flex items-center gap-1.5">
      <span
        aria-hidden="true"
        className="size-2 rounded-[2px]"
        style={{ background: `var(--${token === 'bypass' ? 'faint' : token})` }}
      />
      {verdict}
    </span>
  )
}
