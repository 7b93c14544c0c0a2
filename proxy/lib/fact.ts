// Conclusions kept with what they were drawn from, so that they are drawn once.

/** A place for a conclusion, of a request's head or of a block of fields. */
export interface Fact<T> {
  readonly index: number
  /** Never set: carries the type. */
  readonly type?: T
}

let facts = 0
/** Reserve a place; call once, at the top of a module. */
export function fact<T>(): Fact<T> {
  return { index: facts++ }
}
