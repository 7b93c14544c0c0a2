// Which keys may stand at a place in the file: asked only when one is unknown.
import type { Path } from './document.ts'
import { type JsonSchema, jsonSchema } from './json-schema.ts'

let root: JsonSchema | undefined

export function knownKeysAt(path: Path): string[] {
  root ??= jsonSchema()
  let places = branches(root)
  for (const segment of path) {
    places = places
      .flatMap(place => {
        if (typeof segment === 'number') return place.items === undefined ? [] : [place.items]
        const child = place.properties?.[String(segment)] ?? place.additionalProperties
        return typeof child === 'object' ? [child] : []
      })
      .flatMap(branches)
  }
  return [...new Set(places.flatMap(place => Object.keys(place.properties ?? {})))]
}

/** A schema and all its alternatives. */
function branches(schema: JsonSchema): JsonSchema[] {
  return schema.anyOf === undefined ? [schema] : [schema, ...schema.anyOf.flatMap(branches)]
}
