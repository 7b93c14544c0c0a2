// Remembers what a pure function said of the few strings that come again and again, within a bound.
import { ownText } from './own-text.ts'

/** @param max entries; at the bound everything is forgotten, which costs less than to choose */
export function memo<T>(read: (text: string) => T, max = 256): (text: string) => T {
  const known = new Map<string, T>()
  return text => {
    const found = known.get(text)
    if (found !== undefined) return found
    // A client's long one-off strings are not worth their place.
    if (text.length > 512) return read(text)
    if (known.size >= max) known.clear()
    // A piece of a longer text would keep all of that alive.
    const own = ownText(text)
    const value = read(own)
    known.set(own, value)
    return value
  }
}
