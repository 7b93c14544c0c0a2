// The record as it is kept, and the spans that are derived from it.
import { useState } from 'react'
import type { ExchangeDetail } from '../../../../control/admin/contract.ts'
import { useTrace } from '../../api/queries.ts'
import { Problem } from '../../components/Problem.tsx'

/** What scrolls must be reachable by key (WCAG 2.1.1). */
const SCROLLED_BY_KEY = { tabIndex: 0 }

export function Raw({ detail }: { detail: ExchangeDetail }) {
  const [spans, setSpans] = useState(false)
  return (
    <>
      <div className="mb-2 flex gap-1">
        <button
          type="button"
          className="icon-button px-2"
          aria-pressed={!spans}
          onClick={() => setSpans(false)}
        >
          Exchange
        </button>
        <button
          type="button"
          className="icon-button px-2"
          aria-pressed={spans}
          onClick={() => setSpans(true)}
        >
          OpenTelemetry spans
        </button>
      </div>
      {spans ? <Spans traceId={detail.traceId} /> : <Json value={detail} label="The exchange" />}
    </>
  )
}

function Spans({ traceId }: { traceId: string }) {
  const trace = useTrace(traceId)
  if (trace.error !== null) return <Problem error={trace.error} onRetry={() => trace.refetch()} />
  return <Json value={trace.data ?? null} label="The spans of the trace" />
}

function Json({ value, label }: { value: unknown; label: string }) {
  return (
    <section
      aria-label={label}
      {...SCROLLED_BY_KEY}
      className="max-h-[480px] overflow-auto rounded-base border bg-bg p-3"
    >
      <pre className="font-mono text-table">{JSON.stringify(value, null, 2)}</pre>
    </section>
  )
}
