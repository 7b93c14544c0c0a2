// The bar over every page: filter, range, live switch, the state of telemetry, commands.
import { Command, Pause, Play } from 'lucide-react'
import { useConnection } from '../api/live.ts'
import { useRange } from '../lib/scope.ts'
import { FilterBar } from './FilterBar.tsx'
import { TelemetryChip } from './TelemetryChip.tsx'
import { TimePicker } from './TimePicker.tsx'

export function TopBar({ busy, onPalette }: { busy: boolean; onPalette: () => void }) {
  return (
    <header className="relative z-20 shrink-0 flex min-h-(--top) items-center gap-x-2 border-b bg-bg px-3 py-1.5 max-md:flex-wrap">
      <FilterBar />
      <div className="flex shrink-0 items-center gap-1.5 max-md:ml-auto">
        <TelemetryChip />
        <TimePicker />
        <LiveSwitch />
        <button
          type="button"
          className="icon-button max-sm:hidden"
          onClick={onPalette}
          title="Commands (Ctrl K)"
          aria-label="Commands"
        >
          <Command size={15} aria-hidden="true" />
        </button>
      </div>
      {busy && <div className="progress-line" />}
    </header>
  )
}

function LiveSwitch() {
  const range = useRange()
  const connection = useConnection()
  const word = range.live ? (connection === 'lost' ? 'lost' : 'live') : 'paused'
  return (
    <button
      type="button"
      className="button w-[84px]"
      aria-pressed={range.live}
      aria-label={range.live ? 'Live: stop following the clock' : 'Paused: follow the clock'}
      title="Space"
      onClick={range.toggle}
    >
      {word === 'live' && <span className="live-dot" aria-hidden="true" />}
      {word === 'paused' && <Play size={12} aria-hidden="true" />}
      {word === 'lost' && <span className="size-[7px] rounded-full border border-error" aria-hidden="true" />}
      <span className={word === 'live' ? '' : 'text-muted'}>{word}</span>
      {range.live && <Pause size={12} className="ml-auto text-faint" aria-hidden="true" />}
    </button>
  )
}
