// How many records a frame's text holds, without building them: what is dropped must still be counted.

/** @param json `[[…],[…]]`, as in a `records` frame */
export function countTuples(json: string): number {
  let depth = 0
  let count = 0
  for (let i = 0; i < json.length; i++) {
    const code = json.charCodeAt(i)
    if (code === 0x22) i = endOfString(json, i)
    else if (code === 0x5b || code === 0x7b) {
      if (++depth === 2) count++
    } else if (code === 0x5d || code === 0x7d) depth--
  }
  return count
}

function endOfString(json: string, start: number): number {
  let end = json.indexOf('"', start + 1)
  while (end > 0 && isEscaped(json, end)) end = json.indexOf('"', end + 1)
  return end < 0 ? json.length : end
}

function isEscaped(json: string, at: number): boolean {
  let backslashes = 0
  while (json.charCodeAt(at - 1 - backslashes) === 0x5c) backslashes++
  return backslashes % 2 === 1
}
