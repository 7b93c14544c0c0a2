// Where the time and the bytes went, as numbers.
import type { ReactNode } from 'react'
import type { ExchangeDetail } from '../../../../control/admin/contract.ts'
import { formatBytes, formatDuration, formatExact } from '../../lib/format.ts'
import { fullTime } from '../../lib/time.ts'
import { attemptTimes } from './waterfall.ts'

const orMissing = (us: number) => formatDuration(us < 0 ? null : us)

export function Timing({ detail }: { detail: ExchangeDetail }) {
  const facts: [name: string, value: ReactNode][] = [
    ['Began', fullTime(detail.at)],
    ['First byte', orMissing(detail.firstByteUs)],
    ['Whole', `${formatExact(detail.durationUs)} µs`],
    ...detail.attemptList.map((attempt, index): [string, ReactNode] => [
      `Attempt ${index + 1}`,
      `${attempt.upstream}: ${attemptTimes(attempt)}`,
    ]),
    ['Received', formatBytes(detail.inBytes)],
    ['Sent', formatBytes(detail.outBytes)],
    ['Client', `${detail.client} over HTTP/${detail.protocol}`],
    ['TLS', tlsOf(detail)],
    ['User agent', detail.userAgent || '–'],
    ['Worker', String(detail.worker)],
    ['Connection', detail.connection === 0 ? '–' : `${detail.worker}-${detail.connection}`],
    ['Kept', detail.keepSentence || detail.keep],
    ['Stands for', detail.weight === 1 ? 'itself' : `${formatExact(detail.weight)} requests`],
  ]
  return (
    <dl className="text-table">
      {facts.map(([name, value]) => (
        <div key={name} className="flex gap-3 border-b py-1 last:border-0">
          <dt className="w-[84px] shrink-0 text-muted">{name}</dt>
          <dd className="min-w-0 font-mono break-words">{value}</dd>
        </div>
      ))}
    </dl>
  )
}

function tlsOf({ tls }: ExchangeDetail): string {
  if (tls === null) return 'none'
  return [tls.version, tls.cipher, tls.serverName, tls.resumed ? 'resumed' : 'full handshake']
    .filter(part => part !== '')
    .join(' · ')
}
