// Work for the end of the event loop's turn: what many connections have to send leaves together.

/** Something to be done when all that has arrived in this turn has been read. */
export interface TurnWork {
  endTurn(): void
}

const DONE: TurnWork = { endTurn() {} }

/** As many places as were ever needed at a time; those up to `count` are taken. */
const queue: TurnWork[] = []
let count = 0

/**
 * Each write wakes a sleeping peer, and a wake-up costs more than the write; between writes the kernel and our code
 * drive each other out of the processor's caches. Written together, the peer wakes once and finds all of it.
 */
export function atEndOfTurn(work: TurnWork): void {
  if (count === 0) setImmediate(endTurn)
  queue[count++] = work
}

/** The turn is over; called by the event loop, and by tests that have none. */
export function endTurn(): void {
  let at = 0
  try {
    // What is added meanwhile is done in the same turn.
    while (at < count) {
      const work = queue[at]!
      queue[at++] = DONE
      work.endTurn()
    }
    count = 0
  } finally {
    // One of them failed: the others must not wait for a turn that nobody ends.
    if (count > 0) setImmediate(endTurn)
  }
}
