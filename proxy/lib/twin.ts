// Names with `_` or `.`: a CGI-style backend reads them as the name with `-`, and so do some others.

const ODD = /[_.]/

/** May this name pass for another one? */
export function isTwin(name: string): boolean {
  return ODD.test(name)
}

/** The name that it may pass for; its own where it is no twin. */
export function passesFor(name: string): string {
  return ODD.test(name) ? name.replace(/[_.]/g, '-') : name
}
