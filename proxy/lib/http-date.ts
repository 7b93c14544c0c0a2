// HTTP dates in the three forms that a recipient must read (RFC 9110 section 5.6.7), and no others.

const FIXDATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/
const RFC850 =
  /^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (\d{2}-[A-Z][a-z]{2})-(\d{2}) (\d{2}:\d{2}:\d{2}) GMT$/
const ASCTIME = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/

/** @returns Unix milliseconds, NaN when the text is no HTTP date */
export function parseHttpDate(text: string): number {
  if (FIXDATE.test(text)) return Date.parse(text)
  if (ASCTIME.test(text)) return Date.parse(`${text} GMT`)
  const old = RFC850.exec(text)
  return old === null
    ? Number.NaN
    : Date.parse(`${old[1]!.replace('-', ' ')} ${century(Number(old[2]))} ${old[3]} GMT`)
}

/** A two-digit year that seems more than 50 years ahead is the last one with those digits. */
function century(year: number): number {
  const now = new Date().getUTCFullYear()
  const full = now - (now % 100) + year
  return full > now + 50 ? full - 100 : full
}
