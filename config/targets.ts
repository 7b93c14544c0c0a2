// Config type: the targets of a group, one or a list, none twice.
import { z } from 'zod'
import { target } from './target.ts'

/** Config type: upstream addresses; always a list when parsed. */
export const targets = () =>
  z
    .union([target().transform(it => [it]), z.array(target()).min(1, 'expected at least one target')])
    .superRefine((list, context) => {
      const names = new Set<string>()
      for (const [index, it] of list.entries()) {
        if (names.has(it.name))
          context.addIssue({ code: 'custom', message: `target ${it.name} is listed twice`, path: [index] })
        names.add(it.name)
      }
    })
    .describe('Upstream addresses.')
