// The pages: their paths, their names in the navigation and the key that goes there. A new page is one line here.
import { Activity, Archive, LayoutDashboard, type LucideIcon, Server } from 'lucide-react'
import { type ComponentType, lazy } from 'react'

export interface PageRoute {
  path: string
  page: ComponentType
  /** In the navigation, when it stands there. */
  nav?: { label: string; icon: LucideIcon; key: string }
}

export const ROUTES: readonly PageRoute[] = [
  {
    path: '/',
    page: lazy(() => import('./pages/Overview/index.tsx')),
    nav: { label: 'Overview', icon: LayoutDashboard, key: 'o' },
  },
  {
    path: '/requests',
    page: lazy(() => import('./pages/Requests/index.tsx')),
    nav: { label: 'Requests', icon: Activity, key: 'r' },
  },
  { path: '/requests/:id', page: lazy(() => import('./pages/Request/index.tsx')) },
  {
    path: '/upstreams',
    page: lazy(() => import('./pages/Upstreams/index.tsx')),
    nav: { label: 'Upstreams', icon: Server, key: 'u' },
  },
  {
    path: '/cache',
    page: lazy(() => import('./pages/Cache/index.tsx')),
    nav: { label: 'Cache', icon: Archive, key: 'c' },
  },
]

export const NAV = ROUTES.flatMap(route =>
  route.nav === undefined ? [] : [{ path: route.path, ...route.nav }],
)
