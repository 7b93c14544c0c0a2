// Says when what is shown is not all there was: records dropped, rows sampled, a file refused, a route disabled.
import { TriangleAlert } from 'lucide-react'
import { Popover } from 'radix-ui'
import type { Status } from '../../../control/admin/contract-status.ts'
import { useStatus } from '../api/queries.ts'
import { formatExact } from '../lib/format.ts'

/** What is not well, each as a heading and a sentence. */
function complaints(status: Status): { title: string; text: string }[] {
  const { telemetry, config, cache } = status
  const list: { title: string; text: string }[] = []
  if (telemetry.degraded !== '') {
    const dropped =
      telemetry.droppedRecords > 0 ? ` ${formatExact(telemetry.droppedRecords)} records were dropped.` : ''
    list.push({
      title: 'Telemetry is degraded',
      text: `${telemetry.degraded}${dropped} Traffic goes on; counts stay exact.`,
    })
  }
  if (cache.disk !== null && cache.disk.down !== '')
    list.push({ title: 'The cache on disk is off', text: cache.disk.down })
  if (config.problem !== '') list.push({ title: 'The file on disk was refused', text: config.problem })
  for (const { route, reason } of config.disabledRoutes)
    list.push({ title: `Route ${route} is disabled`, text: reason })
  return list
}

export function TelemetryChip() {
  const { data } = useStatus()
  const list = data === undefined ? [] : complaints(data)
  if (list.length === 0) return null
  const word =
    data?.telemetry.degraded !== ''
      ? 'Telemetry degraded'
      : data.cache.disk !== null && data.cache.disk.down !== ''
        ? 'Cache on disk off'
        : 'Configuration'
  return (
    <Popover.Root>
      <Popover.Trigger className="button text-warn" aria-label={`${word}: show why`}>
        <TriangleAlert size={13} aria-hidden="true" />
        <span className="max-lg:sr-only">{word}</span>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          className="popover z-40 flex w-80 max-w-[92vw] flex-col gap-3 p-3"
          sideOffset={6}
          align="end"
          aria-label={word}
        >
          {list.map(({ title, text }) => (
            <div key={title}>
              <p className="font-semibold">{title}</p>
              <p className="break-words text-muted">{text}</p>
            </div>
          ))}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}
