// The visitor's session, kept whole in a cookie: all three backends must understand it without sharing a store.
import { products } from './products.ts'

export interface Session {
  user?: string
  /** Product id → quantity. */
  cart: Map<number, number>
}

const cookieName = 'shop'
const maxQuantity = 99

/** Reads the session; anything malformed counts as a new visitor. It is unsigned: nothing here is worth forging. */
export function readSession(cookieHeader: string | undefined): Session {
  const session: Session = { cart: new Map() }
  const pair = cookieHeader?.split(/;\s*/).find(item => item.startsWith(`${cookieName}=`))
  if (pair === undefined) return session
  const fields = new URLSearchParams(Buffer.from(pair.slice(cookieName.length + 1), 'base64url').toString())
  const user = fields.get('user')
  if (user) session.user = user.slice(0, 40)
  for (const [key, value] of fields) {
    if (/^\d{1,3}$/.test(key) && /^\d{1,2}$/.test(value)) addToCart(session, Number(key), Number(value))
  }
  return session
}

/** Adds to the cart; false when there is no such product. */
export function addToCart(session: Session, id: number, quantity: number): boolean {
  if (products[id - 1] === undefined || !Number.isInteger(quantity) || quantity < 1) return false
  session.cart.set(id, Math.min(maxQuantity, (session.cart.get(id) ?? 0) + quantity))
  return true
}

/** The Set-Cookie field for a session. */
export function sessionCookie(session: Session): string {
  const fields = new URLSearchParams()
  if (session.user !== undefined) fields.set('user', session.user)
  for (const [id, quantity] of session.cart) fields.set(String(id), String(quantity))
  const value = Buffer.from(fields.toString()).toString('base64url')
  return `${cookieName}=${value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=86400`
}
