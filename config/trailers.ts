// The request trailers that a route passes to its upstreams: names that may stand behind a body.
import { z } from 'zod'
import { barredTrailer } from '../proxy/lib/trailer-names.ts'

const MOST = 32
const NAME = /^[!#$%&'*+^`|~0-9a-z-][!#$%&'*+.^_`|~0-9a-z-]*$/

const name = z
  .string('expected a field name')
  .max(64, 'at most 64 characters')
  .toLowerCase()
  .superRefine((text, context) => {
    const purpose = barredTrailer(text)
    if (!NAME.test(text)) context.addIssue({ code: 'custom', message: 'expected a field name' })
    else if (purpose !== '')
      context.addIssue({ code: 'custom', message: `${text} ${purpose}: it cannot come behind a body` })
  })

export const trailers = () =>
  z
    .array(name, 'expected a list of field names')
    .max(MOST, `at most ${MOST}`)
    .default([])
    .describe('Fields behind a chunked request body that upstreams get; all others are dropped.')
