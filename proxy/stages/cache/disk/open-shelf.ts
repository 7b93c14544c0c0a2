// Opens data/cache.db without reading through it; one that cannot be trusted is set aside and an empty one made.
import type { Driver, OpenDriver } from '../../../../telemetry/store/driver.ts'
import { openOrSetAside, Untrusted } from '../../../../telemetry/store/set-aside.ts'
import { LAYOUT, PRAGMAS, TABLES, VERSION } from './schema.ts'

/**
 * @param aside told in a sentence when a file was moved
 * @param damaged what is known to be wrong with the file; '': nothing
 * @throws SqliteError when the disk is at fault
 */
export function openShelf(
  file: string,
  open: OpenDriver,
  aside: (sentence: string) => void,
  damaged = '',
): Driver {
  let known = damaged
  const openOnce = () => {
    if (known === '') return openTrusted(file, open)
    const why = known
    known = ''
    throw new Untrusted(why)
  }
  return openOrSetAside(file, openOnce, what => aside(`${what}; the cache on disk starts empty.`))
}

/** Every answer is checked by its digest when it is read, so that nothing has to be read through now. */
function openTrusted(file: string, open: OpenDriver): Driver {
  const db = open(file, false)
  try {
    for (const pragma of [...LAYOUT, ...PRAGMAS]) db.run(pragma)
    const version = db.all<{ user_version: number }>('PRAGMA user_version')[0]!.user_version
    if (version > VERSION) throw new Untrusted(`written by a newer Oriel, version ${version}`)
    if (version === 0) {
      db.transaction(() => {
        for (const table of TABLES) db.run(table)
        db.run(`PRAGMA user_version = ${VERSION}`)
      })
    }
    db.all('SELECT id FROM entry ORDER BY id LIMIT 1')
    db.all('SELECT value FROM state LIMIT 1')
    return db
  } catch (error) {
    db.close()
    throw error
  }
}
