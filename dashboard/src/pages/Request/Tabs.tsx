// Decisions, headers, times and the raw record of one request.
import { Tabs } from 'radix-ui'
import type { ExchangeDetail } from '../../../../control/admin/contract.ts'
import { formatDuration } from '../../lib/format.ts'
import { Headers } from './Headers.tsx'
import { Raw } from './Raw.tsx'
import { Timing } from './Timing.tsx'

const NAMES = ['Decisions', 'Headers', 'Timing', 'Raw'] as const

export function RequestTabs({ detail }: { detail: ExchangeDetail }) {
  return (
    <Tabs.Root defaultValue="Decisions">
      <Tabs.List aria-label="Details" className="flex gap-1 border-b px-2">
        {NAMES.map(name => (
          <Tabs.Trigger
            key={name}
            value={name}
            className="-mb-px h-9 border-b-2 border-transparent px-2.5 text-muted hover:text-text data-[state=active]:border-accent data-[state=active]:text-text"
          >
            {name}
          </Tabs.Trigger>
        ))}
      </Tabs.List>
      <Tabs.Content value="Decisions" className="p-3">
        <Decisions detail={detail} />
      </Tabs.Content>
      <Tabs.Content value="Headers" className="p-3">
        <Headers detail={detail} />
      </Tabs.Content>
      <Tabs.Content value="Timing" className="p-3">
        <Timing detail={detail} />
      </Tabs.Content>
      <Tabs.Content value="Raw" className="p-3">
        <Raw detail={detail} />
      </Tabs.Content>
    </Tabs.Root>
  )
}

function Decisions({ detail }: { detail: ExchangeDetail }) {
  if (detail.decisions.length === 0) return <p className="text-muted">No stage left a decision.</p>
  return (
    <ol className="flex flex-col">
      {detail.decisions.map(decision => (
        <li
          key={`${decision.stage} ${decision.atUs} ${decision.reason}`}
          className="flex min-h-7 items-baseline gap-3 border-b py-1 last:border-0"
        >
          <span className="w-[84px] shrink-0 truncate font-mono text-table text-muted">{decision.stage}</span>
          <span className="min-w-0 flex-1 break-words">{decision.sentence}</span>
          <span
            className="shrink-0 font-mono text-table text-faint"
            title={`${decision.reason}, took ${formatDuration(decision.tookUs)}`}
          >
            {formatDuration(decision.atUs)}
          </span>
        </li>
      ))}
    </ol>
  )
}
