// Remembers what a pure function said of the few strings that come again and again, within a bound.

/** @param max entries; at the bound everything is forgotten, which costs less than to choose */
export function memo<T>(read: (text: string) => T, max = 256): (text: string) => T {
  const known = new Map<string, T>()
  return text => {
    const found = known.get(text)
    if (found !== undefined) return found
    const value = read(text)
    // A client's long one-off strings are not worth their place.
    if (text.length > 512) return value
    if (known.size >= max) known.clear()
    known.set(text, value)
    return value
  }
}
