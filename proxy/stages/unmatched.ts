// Unmatched: the only stage of the pipeline for hosts and paths that no route names.
import { plainReply } from '../pipeline/error-reply.ts'
import type { Stage } from '../pipeline/stage.ts'

/** The longest list of routes that a note carries. */
const MAX_LISTED = 20

/** Answers 404. The stranger learns nothing; the note, which only the admin sees, lists the known routes. */
export function unmatched(knownRoutes: readonly string[]): Stage {
  const known = knownRoutes.slice(0, MAX_LISTED).join(', ')
  return {
    name: 'route',
    onRequest(x) {
      x.note('route', 'unmatched', knownRoutes.length, 0, known)
      x.error = 'no_route'
      return plainReply(x, 404, '')
    },
  }
}
