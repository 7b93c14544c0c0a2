// Names of the event files: `20261112.db` begins at midnight UTC, `20261112-143005.db` at that second.

export interface DayFile {
  name: string
  /** Unix milliseconds; its rows' ids begin here and end where the next file's begin. */
  fromMs: number
}

export const DAY_MS = 86_400_000
/** Ids per millisecond. */
export const IDS_PER_MS = 4096

export const dayStart = (ms: number): number => Math.floor(ms / DAY_MS) * DAY_MS

/** @param fromMs whole seconds */
export function toDayFile(fromMs: number): DayFile {
  const text = new Date(fromMs).toISOString()
  const day = text.slice(0, 10).replaceAll('-', '')
  const time = text.slice(11, 19).replaceAll(':', '')
  return { name: time === '000000' ? `${day}.db` : `${day}-${time}.db`, fromMs }
}

/** @returns undefined when the name is not an event file's */
export function parseDayFile(name: string): DayFile | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)(?:-(\d\d)(\d\d)(\d\d))?\.db$/.exec(name)
  if (!match) return undefined
  const [, year, month, day, hour = '00', minute = '00', second = '00'] = match
  const fromMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  return Number.isNaN(fromMs) ? undefined : { name, fromMs }
}

/** @returns the event files among the names, oldest first */
export function dayFilesOf(names: readonly string[]): DayFile[] {
  return names
    .map(parseDayFile)
    .filter(file => file !== undefined)
    .sort((a, b) => a.fromMs - b.fromMs)
}
