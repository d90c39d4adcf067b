import type { FastifySchema } from 'fastify'
import { z } from 'zod'

type Schema = z.core.JSONSchema.BaseSchema

/** Makes JSON Schemas 2020-12 of the zod schemas of routes: of values as they are sent, before defaults and conversions. */
export function createJsonSchemas() {
  const components: Record<string, unknown> = {}

  function jsonSchemaOf(schema: z.ZodType): unknown {
    // Inside an object, so that a schema with a name becomes a reference too.
    const { properties, $defs } = withReferences(
      z.toJSONSchema(z.object({ schema }), { io: 'input', override }),
    )
    Object.assign(components, $defs)
    const converted = properties?.schema
    if (typeof converted !== 'object' || converted.$ref === undefined) return converted
    const { $ref, ...beside } = converted
    // @fastify/swagger drops every keyword beside a reference.
    return Object.keys(beside).length === 0 ? { $ref } : { allOf: [{ $ref }], ...beside }
  }

  /** The same value with a JSON Schema in the place of each zod schema. */
  function toJsonSchemas(value: unknown): unknown {
    if (value instanceof z.ZodType) return jsonSchemaOf(value)
    if (Array.isArray(value)) return value.map(toJsonSchemas)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, toJsonSchemas(each)]))
  }

  return {
    ofRoute: (schema: FastifySchema = {}): FastifySchema =>
      Object.fromEntries(Object.entries(schema).map(([name, part]) => [name, toJsonSchemas(part)])),
    /** The named schemas that occurred so far, by `id`. */
    components,
  }
}

/** Leaves out keywords without meaning for a reader: the pattern of a format, the largest number of JavaScript. */
function override({ jsonSchema }: { readonly jsonSchema: Schema }): void {
  if (jsonSchema.format !== undefined) delete jsonSchema.pattern
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
  delete jsonSchema.propertyNames
}

/** The same with references to `components` of the document. */
const withReferences = (schemas: Schema): Schema =>
  JSON.parse(JSON.stringify(schemas).replaceAll('"#/$defs/', '"#/components/schemas/'))
