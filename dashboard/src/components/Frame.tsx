// What stands around every page: navigation, the bar with filter and range, the banner, keys and dialogs.
import { useIsFetching } from '@tanstack/react-query'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { useLiveStream } from '../api/live.ts'
import { useCommandKey } from '../lib/command-key.ts'
import { useHotkeys } from '../lib/hotkeys.ts'
import { useRange, useScope } from '../lib/scope.ts'
import { useFilterProblem } from '../lib/useFilterProblem.ts'
import { NAV } from '../routes.tsx'
import { LiveBanner } from './LiveBanner.tsx'
import { Nav } from './Nav.tsx'
import { TopBar } from './TopBar.tsx'

const Palette = lazy(() => import('./Palette.tsx'))
const Shortcuts = lazy(() => import('./Shortcuts.tsx'))
const ExplainDialog = lazy(() => import('./ExplainDialog.tsx'))

/** What is loading has nothing to focus, and is long already. */
const SCROLLED_BY_KEY = { tabIndex: 0 }

export type Dialog = 'none' | 'palette' | 'shortcuts' | 'explain'

export function Frame({ children }: { children: ReactNode }) {
  const { q, go } = useScope()
  const range = useRange()
  const [dialog, setDialog] = useState<Dialog>('none')
  const fetching = useIsFetching({ predicate: query => query.state.data === undefined }) > 0
  const problem = useFilterProblem(q)
  useLiveStream(q, problem === '')
  useHotkeys({
    '/': () => document.getElementById('filter')?.focus(),
    ' ': range.toggle,
    '[': () => range.shift(-1),
    ']': () => range.shift(1),
    '?': () => setDialog('shortcuts'),
    ...Object.fromEntries(NAV.map(({ key, path }) => [`g ${key}`, () => go(path)])),
  })
  useCommandKey(() => setDialog('palette'))

  return (
    <div className="flex h-dvh flex-col pb-12 pl-(--nav) sm:pb-0">
      <a href="#page" className="sr-only z-50 bg-raised p-2 focus:not-sr-only focus:fixed">
        Skip to the page
      </a>
      <Nav onShortcuts={() => setDialog('shortcuts')} />
      <TopBar busy={fetching} onPalette={() => setDialog('palette')} />
      <LiveBanner />
      <main
        id="page"
        {...SCROLLED_BY_KEY}
        className="relative min-h-0 w-full flex-1 overflow-x-hidden overflow-y-auto focus-visible:-outline-offset-2"
      >
        {children}
      </main>
      <Suspense fallback={null}>
        {dialog === 'palette' && <Palette onClose={() => setDialog('none')} onDialog={setDialog} />}
        {dialog === 'shortcuts' && <Shortcuts onClose={() => setDialog('none')} />}
        {dialog === 'explain' && <ExplainDialog onClose={() => setDialog('none')} />}
      </Suspense>
    </div>
  )
}
