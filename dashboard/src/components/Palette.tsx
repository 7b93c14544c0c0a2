// The command palette: every page, range and action by its name.
import { Command } from 'cmdk'
import { Dialog } from 'radix-ui'
import { logOut } from '../api/client.ts'
import { useReload, useStatus } from '../api/queries.ts'
import { chipOf, hasChip } from '../lib/filter.ts'
import { useFilter, useRange, useScope } from '../lib/scope.ts'
import { useTheme } from '../lib/theme.ts'
import { PRESETS } from '../lib/time.ts'
import { NAV } from '../routes.tsx'
import type { Dialog as DialogName } from './Frame.tsx'

interface Props {
  onClose: () => void
  onDialog: (dialog: DialogName) => void
}
interface Action {
  name: string
  hint?: string
  run: () => void
  /** Leaves the palette open, for what has an answer to show. */
  stays?: boolean
}

function useActions({ onDialog }: Props, reload: ReturnType<typeof useReload>): Record<string, Action[]> {
  const { go } = useScope()
  const range = useRange()
  const filter = useFilter()
  const theme = useTheme()
  const status = useStatus()
  return {
    Go: NAV.map(({ path, label, key }) => ({ name: label, hint: `g ${key}`, run: () => go(path) })),
    Do: [
      { name: 'Explain a request', hint: 'sends nothing', run: () => onDialog('explain') },
      { name: 'Reload the configuration', run: () => reload.mutate(), stays: true },
      { name: range.live ? 'Pause' : 'Go live', hint: 'Space', run: range.toggle },
      { name: 'Clear the filter', run: () => filter.set('') },
      { name: `Switch the theme to ${theme.next}`, run: theme.toggle },
      { name: 'Show the keys', hint: '?', run: () => onDialog('shortcuts') },
      { name: 'Sign out', run: () => logOut().finally(() => location.assign('/login')) },
    ],
    Show: PRESETS.map(preset => ({
      name: `Last ${preset}`,
      run: () => range.set({ from: `now-${preset}`, to: 'now' }),
    })),
    Filter: (status.data?.routes ?? []).slice(0, 50).map(route => ({
      name: `route:${route}`,
      hint: hasChip(filter.q, 'route', route) ? 'remove' : '',
      run: () => filter.toggle(chipOf('route', route)),
    })),
  }
}

export default function Palette(props: Props) {
  const reload = useReload()
  const actions = useActions(props, reload)
  const run = (action: Action) => {
    if (action.stays !== true) props.onClose()
    action.run()
  }
  return (
    <Dialog.Root open onOpenChange={open => !open && props.onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-shade" />
        <Dialog.Content
          aria-describedby={undefined}
          className="popover fixed top-[12vh] left-1/2 z-50 w-[560px] max-w-[94vw] -translate-x-1/2"
        >
          <Dialog.Title className="sr-only">Commands</Dialog.Title>
          <Command label="Commands">
            <Command.Input
              placeholder="Go, show, filter, do…"
              className="h-11 w-full border-b bg-transparent px-4 outline-none"
            />
            <Command.List className="max-h-[50vh] overflow-y-auto p-1.5">
              <Command.Empty className="px-2.5 py-3 text-muted">No command has this name.</Command.Empty>
              {Object.entries(actions).map(([group, list]) => (
                <Command.Group
                  key={group}
                  heading={group}
                  className="text-axis text-faint [&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:py-1.5"
                >
                  {list.map(action => (
                    <Command.Item
                      key={action.name}
                      value={`${group} ${action.name}`}
                      className="menu-item text-body text-text"
                      onSelect={() => run(action)}
                    >
                      {action.name}
                      <span className="ml-auto text-table text-muted">{action.hint}</span>
                    </Command.Item>
                  ))}
                </Command.Group>
              ))}
            </Command.List>
          </Command>
          <ReloadAnswer reload={reload} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

function ReloadAnswer({ reload }: { reload: ReturnType<typeof useReload> }) {
  const outcome = reload.data
  if (reload.isIdle) return null
  return (
    <div role="status" className="max-h-40 overflow-y-auto border-t px-4 py-2.5 text-table">
      {reload.isPending && 'Reloading…'}
      {reload.isError && <span className="text-error">■ {reload.error.message}</span>}
      {outcome?.ok === true && (
        <span className="text-ok">● Generation {outcome.generation} is in force.</span>
      )}
      {outcome?.ok === false && (
        <>
          <p className="text-error">■ Refused; the file before stays in force.</p>
          {outcome.problems.map(problem => (
            <p key={problem} className="font-mono break-words text-muted">
              {problem}
            </p>
          ))}
        </>
      )}
    </div>
  )
}
