// The range: presets that follow the clock, or two points in time.
import { ChevronDown, Clock } from 'lucide-react'
import { Popover } from 'radix-ui'
import { useState } from 'react'
import { now } from '../api/clock.ts'
import { useRange, useScope } from '../lib/scope.ts'
import { describeRange, fullTime, PRESETS } from '../lib/time.ts'

const WORDS: Record<string, string> = {
  '1m': '1 minute',
  '5m': '5 minutes',
  '15m': '15 minutes',
  '1h': '1 hour',
  '6h': '6 hours',
  '24h': '24 hours',
  '7d': '7 days',
}

/** Local time in the form that a datetime-local field holds. */
function toField(at: number): string {
  const date = new Date(at - new Date(at).getTimezoneOffset() * 60e3)
  return date.toISOString().slice(0, 19)
}

export function TimePicker() {
  const { scope } = useScope()
  const range = useRange()
  const [open, setOpen] = useState(false)
  const span = range.span()
  const choose = (from: string, to: string) => {
    range.set({ from, to })
    setOpen(false)
  }
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger className="button" title={`${fullTime(span.from)} to ${fullTime(span.to)}`}>
        <Clock size={13} className="text-faint" aria-hidden="true" />
        {describeRange(scope, now())}
        <ChevronDown size={13} className="text-faint" aria-hidden="true" />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          className="popover z-40 flex w-64 flex-col gap-1 p-2"
          sideOffset={6}
          align="end"
          aria-label="Time range"
        >
          {PRESETS.map(preset => (
            <button
              key={preset}
              type="button"
              className="menu-item"
              aria-pressed={scope.from === `now-${preset}` && range.live}
              onClick={() => choose(`now-${preset}`, 'now')}
            >
              Last {WORDS[preset]}
              {scope.from === `now-${preset}` && range.live && <span className="ml-auto text-accent">✓</span>}
            </button>
          ))}
          <Between from={toField(span.from)} to={toField(span.to)} onChoose={choose} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}

function Between({
  from,
  to,
  onChoose,
}: {
  from: string
  to: string
  onChoose: (from: string, to: string) => void
}) {
  const [start, setStart] = useState(from)
  const [end, setEnd] = useState(to)
  const valid = Date.parse(start) < Date.parse(end)
  return (
    <form
      className="mt-1 flex flex-col gap-2 border-t px-2 pt-2 pb-1"
      onSubmit={event => {
        event.preventDefault()
        if (valid) onChoose(String(Date.parse(start)), String(Date.parse(end)))
      }}
    >
      <label className="flex flex-col gap-1 text-table text-muted">
        From
        <input
          type="datetime-local"
          step="1"
          className="field text-text"
          value={start}
          onChange={event => setStart(event.target.value)}
        />
      </label>
      <label className="flex flex-col gap-1 text-table text-muted">
        To
        <input
          type="datetime-local"
          step="1"
          className="field text-text"
          value={end}
          onChange={event => setEnd(event.target.value)}
        />
      </label>
      <button type="submit" className="button justify-center" disabled={!valid}>
        {valid ? 'Show this range' : 'The end comes before the start'}
      </button>
    </form>
  )
}
