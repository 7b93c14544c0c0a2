// Where a worker thread's file lies: `.ts` in a checkout, `.js` in the published package.

/** @param parent the caller's `import.meta.url`; @param name the thread's file beside it, without extension */
export function threadUrl(parent: string, name: string): URL {
  return new URL(`./${name}${parent.endsWith('.ts') ? '.ts' : '.js'}`, parent)
}
