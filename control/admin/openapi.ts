// GET /api/v1/openapi.json: the API described from its list of routes, so that neither can leave out the other.
import { z } from 'zod'
import { version } from '../version.ts'
import type { Route } from './route.ts'

type Json = Record<string, unknown>

const ERROR_SCHEMA = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['status', 'message'],
      properties: { status: { type: 'integer' }, message: { type: 'string' } },
    },
  },
}

/** OpenAPI 3.1, whose schemas are JSON Schema 2020-12: what zod writes. */
export function openApi(routes: readonly Route[]): Json {
  const paths: Record<string, Json> = {}
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Oriel admin API', version },
    paths,
    components: {
      schemas: { ApiError: ERROR_SCHEMA },
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: 'oriel_session' },
        token: { type: 'http', scheme: 'bearer' },
      },
    },
    security: [{ session: [] }, { token: [] }],
  }
}

function operation(route: Route): Json {
  return {
    summary: route.summary,
    operationId: `${route.method} ${route.path}`.toLowerCase().replace(/[^a-z0-9]+/g, '-'),
    ...(route.open && { security: [] }),
    parameters: parameters(route),
    ...(route.body && { requestBody: { content: { 'application/json': { schema: schemaOf(route.body) } } } }),
    responses: {
      ...answer(route),
      default: {
        description: 'An error.',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/ApiError' } } },
      },
    },
  }
}

function parameters(route: Route): Json[] {
  const { properties = {}, required = [] } = schemaOf(route.params)
  return Object.entries(properties as Record<string, Json>).map(([name, { description, ...schema }]) => ({
    name,
    in: route.path.includes(`:${name}`) ? 'path' : 'query',
    required: (required as string[]).includes(name),
    ...(description !== undefined && { description }),
    schema,
  }))
}

/** An answer that is no media type is JSON of that type in control/admin/contract.ts. */
function answer({ answers }: Route): Json {
  if (answers === '') return { 204: { description: 'Done.' } }
  const media = answers.includes('/')
  return {
    200: {
      description: media ? 'The answer.' : `\`${answers}\``,
      content: { [media ? answers : 'application/json']: { schema: media ? { type: 'string' } : {} } },
    },
  }
}

function schemaOf(schema: z.ZodType): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input' }) as Json
  return rest
}
