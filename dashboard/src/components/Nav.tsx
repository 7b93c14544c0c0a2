// The navigation: a column with words, a column of icons below 1100 px, a bar at the bottom below 640 px.
import { CircleQuestionMark, Monitor, Moon, Sun } from 'lucide-react'
import { Link, useLocation } from 'wouter'
import { useScope, writeScope } from '../lib/scope.ts'
import { useTheme } from '../lib/theme.ts'
import { NAV } from '../routes.tsx'
import { Mark } from './Mark.tsx'

const THEME_ICON = { system: Monitor, dark: Moon, light: Sun }
const ITEM =
  'flex h-9 items-center gap-2.5 rounded px-2.5 font-medium text-muted transition-colors hover:bg-hover hover:text-text max-sm:h-12 max-sm:flex-1 max-sm:flex-col max-sm:justify-center max-sm:gap-0.5 max-sm:px-0 max-sm:text-axis max-lg:sm:justify-center max-lg:sm:px-0 lg:h-8'
const WORD = 'max-lg:sm:sr-only'

export function Nav({ onShortcuts }: { onShortcuts: () => void }) {
  const { scope } = useScope()
  const [path] = useLocation()
  const { theme, next, toggle } = useTheme()
  const ThemeIcon = THEME_ICON[theme]
  return (
    <nav
      aria-label="Pages"
      className="fixed inset-y-0 left-0 z-30 flex w-(--nav) flex-col gap-0.5 border-r bg-bg p-1.5 max-sm:inset-x-0 max-sm:top-auto max-sm:w-full max-sm:flex-row max-sm:border-t max-sm:border-r-0 max-sm:bg-panel max-sm:p-0 lg:p-2"
    >
      <div className="mb-1.5 flex h-8 items-center gap-2 px-2 max-lg:justify-center max-lg:px-0 max-sm:hidden">
        <Mark />
        <span className="text-[15px] font-semibold tracking-tight max-lg:sr-only">Oriel</span>
      </div>
      {NAV.map(item => {
        const active = item.path === '/' ? path === '/' : path.startsWith(item.path)
        return (
          <Link
            key={item.path}
            href={item.path + writeScope(scope)}
            aria-current={active ? 'page' : undefined}
            title={`${item.label} (g ${item.key})`}
            className={`${ITEM} ${active ? 'bg-selected text-text' : ''}`}
          >
            <item.icon size={16} aria-hidden="true" className={active ? 'text-accent' : ''} />
            <span className={WORD}>{item.label}</span>
          </Link>
        )
      })}
      <div className="mt-auto flex gap-1 max-lg:flex-col max-sm:mt-0 max-sm:flex-row max-sm:items-center max-sm:pr-2">
        <button
          type="button"
          className="icon-button"
          onClick={toggle}
          title={`Theme: ${theme}`}
          aria-label={`Theme: ${theme}. Switch to ${next}`}
        >
          <ThemeIcon size={15} aria-hidden="true" />
        </button>
        <button
          type="button"
          className="icon-button max-sm:hidden"
          onClick={onShortcuts}
          title="Keys (?)"
          aria-label="Show the keys"
        >
          <CircleQuestionMark size={15} aria-hidden="true" />
        </button>
      </div>
    </nav>
  )
}
