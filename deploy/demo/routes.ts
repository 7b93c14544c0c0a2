// Which path of the demo shop answers with what, and how long it may be cached.
import type { Answer } from './answer.ts'
import { drawProduct } from './drawing.ts'
import { pages } from './pages.ts'
import { products } from './products.ts'
import { addToCart, type Session, sessionCookie } from './session.ts'

export interface Visit {
  method: string
  url: URL
  session: Session
  form: URLSearchParams
}

interface ShopRoute {
  method: 'GET' | 'POST'
  path: RegExp
  answer(visit: Visit, id: number): Answer | undefined
}

const htmlType = 'text/html; charset=utf-8'
const jsonType = 'application/json'
const privateCache = 'private, no-store'
const perPage = 12

/** What an answer shows, so that it can be purged by that: `oriel purge --tag product-5`. */
const shows = (...tags: string[]) => ({ headers: { 'cache-tag': tags.join(', ') } })

const page = (body: string, cache: string, status = 200): Answer => ({
  status,
  type: htmlType,
  cache,
  body,
  validator: cache.startsWith('public'),
})

const json = (value: unknown): Answer => ({
  status: 200,
  type: jsonType,
  cache: 'public, max-age=5',
  body: `${JSON.stringify(value)}\n`,
  validator: true,
})

const seeOther = (location: string, session: Session): Answer => ({
  status: 303,
  type: htmlType,
  cache: privateCache,
  body: '',
  headers: { location, 'set-cookie': sessionCookie(session) },
})

function search(query: string) {
  const words = query.toLowerCase().split(/\s+/)
  return products.filter(product => words.every(word => product.name.toLowerCase().includes(word)))
}

function listPage(visit: Visit): Answer {
  const number = Math.max(1, Number.parseInt(visit.url.searchParams.get('page') ?? '1', 10) || 1)
  const items = products.slice((number - 1) * perPage, number * perPage)
  return json({ page: number, pages: Math.ceil(products.length / perPage), items })
}

function login({ form, session }: Visit): Answer {
  const name = form.get('name')?.trim()
  if (!name || form.get('password') !== 'demo') return page(pages.login(session, true), privateCache, 401)
  session.user = name.slice(0, 40)
  return seeOther('/login', session)
}

const routes: readonly ShopRoute[] = [
  {
    method: 'GET',
    path: /^\/$/,
    answer: () => ({ ...page(pages.catalogue(), 'public, max-age=10'), ...shows('catalogue') }),
  },
  {
    method: 'GET',
    path: /^\/product\/(\d{1,3})$/,
    answer: (_, id) =>
      products[id - 1] && {
        ...page(pages.product(products[id - 1]!), 'public, max-age=10'),
        ...shows(`product-${id}`),
      },
  },
  {
    method: 'GET',
    path: /^\/search$/,
    answer: ({ url }) => {
      const query = (url.searchParams.get('q') ?? '').slice(0, 80)
      return page(pages.search(query, search(query)), 'public, max-age=5')
    },
  },
  { method: 'GET', path: /^\/cart$/, answer: ({ session }) => page(pages.cart(session), privateCache) },
  {
    method: 'POST',
    path: /^\/cart$/,
    answer: ({ form, session }) =>
      addToCart(session, Number(form.get('id')), Number(form.get('quantity') ?? 1))
        ? seeOther('/cart', session)
        : page(pages.problem(404), privateCache, 404),
  },
  {
    method: 'GET',
    path: /^\/login$/,
    answer: ({ session }) => page(pages.login(session, false), privateCache),
  },
  { method: 'POST', path: /^\/login$/, answer: login },
  { method: 'GET', path: /^\/api\/products$/, answer: listPage },
  {
    method: 'GET',
    path: /^\/api\/products\/(\d{1,3})$/,
    answer: (_, id) => products[id - 1] && { ...json(products[id - 1]), ...shows(`product-${id}`) },
  },
  {
    method: 'GET',
    path: /^\/image\/(\d{1,3})\.svg$/,
    answer: (_, id) =>
      products[id - 1] && {
        status: 200,
        type: 'image/svg+xml',
        cache: 'public, max-age=3600',
        body: drawProduct(products[id - 1]!),
        validator: true,
        ...shows('images', `product-${id}`),
      },
  },
  { method: 'GET', path: /^\/chat$/, answer: () => page(pages.chat(), 'public, max-age=60') },
]

/** Finds the answer: 404 for an unknown path, 405 with Allow for a known path with another method. */
export function answerVisit(visit: Visit): Answer {
  const allowed: string[] = []
  for (const route of routes) {
    const match = route.path.exec(visit.url.pathname)
    if (match === null) continue
    if (route.method === (visit.method === 'HEAD' ? 'GET' : visit.method)) {
      return route.answer(visit, Number(match[1] ?? 0)) ?? page(pages.problem(404), 'no-store', 404)
    }
    allowed.push(route.method === 'GET' ? 'GET, HEAD' : route.method)
  }
  const status = allowed.length ? 405 : 404
  const answer = page(pages.problem(status), 'no-store', status)
  return allowed.length ? { ...answer, headers: { allow: allowed.join(', ') } } : answer
}
