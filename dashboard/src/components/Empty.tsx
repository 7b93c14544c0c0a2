// Emptiness that teaches: what would stand here, and the one command or button that brings it.
import { Check, Copy } from 'lucide-react'
import type { ReactNode } from 'react'
import { useStatus } from '../api/queries.ts'
import { useCopy } from '../lib/clipboard.ts'
import { useFilter, useRange } from '../lib/scope.ts'

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="flex flex-col items-start gap-2.5 px-3 py-6">
      <p className="font-medium">{title}</p>
      {children}
    </div>
  )
}

/** Nothing in the scope: either the filter or the range is too narrow, or nothing ever came. */
export function NoRequests() {
  const { q, set } = useFilter()
  const range = useRange()
  const status = useStatus()
  if (q !== '') {
    return (
      <Empty title="No request in this range matches the filter.">
        <div className="flex gap-2">
          <button type="button" className="button" onClick={() => set('')}>
            Clear the filter
          </button>
          <WiderButton />
        </div>
      </Empty>
    )
  }
  if (status.data?.telemetry.oldest != null) {
    return (
      <Empty title={range.live ? 'No request came in this range.' : 'No request is known from this range.'}>
        <div className="flex flex-wrap gap-2">
          <WiderButton />
        </div>
        <FirstRequest />
      </Empty>
    )
  }
  return (
    <Empty title="No request has come through yet.">
      <p className="text-muted">Send one and watch it arrive here:</p>
      <FirstRequest />
    </Empty>
  )
}

/** The filter box says what is wrong; here stands only why there is nothing to see. */
export function UnreadFilter() {
  const { set } = useFilter()
  return (
    <Empty title="The filter cannot be read.">
      <p className="text-muted">What is wrong with it stands at the filter box.</p>
      <button type="button" className="button" onClick={() => set('')}>
        Clear the filter
      </button>
    </Empty>
  )
}

function WiderButton() {
  const range = useRange()
  return (
    <button type="button" className="button" onClick={() => range.set({ from: 'now-24h', to: 'now' })}>
      Show the last 24 h
    </button>
  )
}

/** A route's name as something that can be asked for: `*.shop.test/api/*` → host and path. */
function toTarget(route: string | undefined): { host: string; path: string } {
  const slash = route?.indexOf('/') ?? -1
  const host = route === undefined ? '' : slash === -1 ? route : route.slice(0, slash)
  const path = route === undefined || slash === -1 ? '/' : route.slice(slash)
  return { host: host.replace('*', 'www'), path: path.replace(/\*+$/, '') || '/' }
}

export function FirstRequest() {
  const status = useStatus()
  const { copied, copy } = useCopy()
  const listener = status.data?.listeners.find(each => each.name === 'http')
  const port = listener?.address.split(':').at(-1) ?? '8080'
  const { host, path } = toTarget(status.data?.routes[0])
  const header = host === '' ? '' : `-H 'Host: ${host}' `
  const command = `curl -i ${header}http://127.0.0.1:${port}${path}`
  return (
    <div className="flex max-w-full items-center gap-2 rounded-base border bg-bg py-1 pr-1 pl-3">
      <code className="min-w-0 py-1 font-mono text-table break-all">{command}</code>
      <button
        type="button"
        className="icon-button shrink-0"
        aria-label="Copy the command"
        onClick={() => copy(command, 'Command')}
      >
        {copied === '' ? <Copy size={14} aria-hidden="true" /> : <Check size={14} aria-hidden="true" />}
      </button>
      <span className="sr-only" role="status">
        {copied}
      </span>
    </div>
  )
}
