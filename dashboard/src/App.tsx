// The application: the login page, or the frame with the page that the address names.
import { lazy, Suspense, useEffect } from 'react'
import { Route, Switch, useLocation } from 'wouter'
import { whenUnauthorised } from './api/client.ts'
import { Boundary } from './components/Boundary.tsx'
import { Empty } from './components/Empty.tsx'
import { Frame } from './components/Frame.tsx'
import { ROUTES } from './routes.tsx'

const Login = lazy(() => import('./pages/Login/index.tsx'))

export function App() {
  const [path, navigate] = useLocation()
  useEffect(() => {
    whenUnauthorised(() => {
      if (location.pathname === '/login') return
      navigate(`/login?next=${encodeURIComponent(location.pathname + location.search)}`, { replace: true })
    })
  }, [navigate])

  if (path === '/login') {
    return (
      <Suspense fallback={null}>
        <Login />
      </Suspense>
    )
  }
  return (
    <Frame>
      <Boundary page={path}>
        <Suspense fallback={null}>
          <Switch>
            {ROUTES.map(route => (
              <Route key={route.path} path={route.path} component={route.page} />
            ))}
            <Route>
              <div className="p-3">
                <Empty title="There is no such page." />
              </div>
            </Route>
          </Switch>
        </Suspense>
      </Boundary>
    </Frame>
  )
}
