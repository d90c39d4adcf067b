import type { FastifySchema } from 'fastify'
import { z } from 'zod'

type Schema = z.core.JSONSchema.BaseSchema

/** Converts the zod schemas of routes to JSON Schema 2020-12. They describe the input, before defaults and conversions. */
export function createJsonSchemas() {
  const components: Record<string, unknown> = {}

  function jsonSchemaOf(schema: z.ZodType): unknown {
    // Wrapped in an object, so that a named schema becomes a reference too.
    const { properties, $defs } = withReferences(
      z.toJSONSchema(z.object({ schema }), { io: 'input', override }),
    )
    Object.assign(components, $defs)
    const converted = properties?.schema
    if (typeof converted !== 'object' || converted.$ref === undefined) return converted
    const { $ref, ...siblings } = converted
    // @fastify/swagger drops every keyword next to a reference.
    return Object.keys(siblings).length === 0 ? { $ref } : { allOf: [{ $ref }], ...siblings }
  }

  /** Returns the value with each zod schema replaced by a JSON Schema. */
  function toJsonSchemas(value: unknown): unknown {
    if (value instanceof z.ZodType) return jsonSchemaOf(value)
    if (Array.isArray(value)) return value.map(toJsonSchemas)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, toJsonSchemas(each)]))
  }

  return {
    ofRoute: (schema: FastifySchema = {}): FastifySchema =>
      Object.fromEntries(Object.entries(schema).map(([name, part]) => [name, toJsonSchemas(part)])),
    /** The named schemas of all routes so far, by `id`. */
    components,
  }
}

/** Removes keywords that do not help readers: the pattern of a format, the largest JavaScript number. */
function override({ jsonSchema }: { readonly jsonSchema: Schema }): void {
  if (jsonSchema.format !== undefined) delete jsonSchema.pattern
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
  delete jsonSchema.propertyNames
}

/** Points the references to the `components` of the document. */
const withReferences = (schemas: Schema): Schema =>
  JSON.parse(JSON.stringify(schemas).replaceAll('"#/$defs/', '"#/components/schemas/'))
