// What a synthetic visitor does next: a short list of requests, chosen by weight from the seeded random source.
import { products } from './products.ts'
import type { Random } from './random.ts'

export interface Step {
  method: 'GET' | 'POST'
  path: string
  form?: string
}

type Errand = (random: Random) => Step[]

const get = (path: string): Step => ({ method: 'GET', path })
const post = (path: string, form: string): Step => ({ method: 'POST', path, form })
const anyId = (random: Random) => 1 + random.below(products.length)

const queries = ['mug', 'ember', 'vase', 'blue', 'saffron lamp', 'moss', 'teapot', 'plate', 'lagoon bowl']
const missing = ['/favicon.ico', '/wp-login.php', '/product/999', '/sale', '/robots.txt', '/.env']
const names = ['mira', 'jon', 'aylin', 'theo', 'sofie', 'kwame']

const look: Errand = random => {
  const id = anyId(random)
  return [get(`/product/${id}`), get(`/image/${id}.svg`)]
}

const browse: Errand = random => {
  const pictures = Array.from({ length: 2 + random.below(4) }, () => get(`/image/${anyId(random)}.svg`))
  return [get('/'), ...pictures, ...(random.chance(0.5) ? look(random) : [])]
}

const buy: Errand = random => {
  const id = anyId(random)
  return [get(`/product/${id}`), post('/cart', `id=${id}&quantity=${1 + random.below(3)}`), get('/cart')]
}

const signIn: Errand = random => {
  const name = names[random.below(names.length)]!
  // A few mistype their password first.
  const first = random.chance(0.3) ? [post('/login', `name=${name}&password=dmeo`)] : []
  return [get('/login'), ...first, post('/login', `name=${name}&password=demo`)]
}

const errands: readonly (readonly [weight: number, errand: Errand])[] = [
  [26, browse],
  [22, look],
  [12, random => [get(`/search?q=${encodeURIComponent(queries[random.below(queries.length)]!)}`)]],
  [16, random => [get(`/api/products?page=${1 + random.below(3)}`), get(`/api/products/${anyId(random)}`)]],
  [7, buy],
  [4, signIn],
  [3, random => [get(missing[random.below(missing.length)]!)]],
]

const totalWeight = errands.reduce((sum, [weight]) => sum + weight, 0)

export function nextErrand(random: Random): Step[] {
  let left = random.next() * totalWeight
  for (const [weight, errand] of errands) {
    left -= weight
    if (left < 0) return errand(random)
  }
  return browse(random)
}
