// The list's columns: their width, and from which width of the list they are shown.

export interface Column {
  name: string
  /** Tailwind classes: width, and hidden in a container that is too narrow. */
  className: string
}

export const COLUMNS = {
  time: { name: 'Time', className: 'w-[92px] shrink-0 @max-[460px]:w-[64px]' },
  status: { name: 'Status', className: 'w-[56px] shrink-0' },
  method: { name: 'Method', className: 'w-[52px] shrink-0 @max-[560px]:hidden' },
  path: { name: 'Request', className: 'min-w-0 flex-1' },
  route: { name: 'Route', className: 'w-[172px] shrink-0 @max-[960px]:hidden' },
  duration: { name: 'Duration', className: 'w-[116px] shrink-0 text-right @max-[640px]:w-[72px]' },
  cache: { name: 'Cache', className: 'w-[84px] shrink-0 @max-[760px]:hidden' },
  upstream: { name: 'Upstream', className: 'w-[134px] shrink-0 @max-[860px]:hidden' },
  size: { name: 'Size', className: 'w-[60px] shrink-0 text-right @max-[1100px]:hidden' },
} as const satisfies Record<string, Column>
