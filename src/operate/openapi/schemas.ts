import { z } from 'zod'
import type { JsonSchema } from '../../enrich/rules-file/json-schema.ts'
import { adminSchemas } from './admin-schema.ts'
import { answerSchemas } from './answers.ts'
import { eventWords, type Words } from './event-words.ts'
import { eventSchemas, furtherRules } from './events.ts'
import { healthSchemas } from './health-schema.ts'

type Schema = z.core.JSONSchema.BaseSchema

const named = { ...eventSchemas, ...answerSchemas, ...healthSchemas, ...adminSchemas } as const

/** Every schema that has a name, as JSON Schema 2020-12: what is sent, before defaults and conversions. */
export function componentSchemas(): Readonly<Record<string, JsonSchema>> {
  const registry = z.registry<{ id: string }>()
  for (const [id, schema] of Object.entries(named)) registry.add(schema, { id })
  const { schemas } = z.toJSONSchema(registry, {
    io: 'input',
    uri: (id) => `#/components/schemas/${id}`,
    override: ({ jsonSchema }) => simplify(jsonSchema),
  })
  return Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, completed(id, schema)]))
}

/** A schema that has no name, and stands where it is used. */
export function inlineSchema(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io: 'input',
    override: ({ jsonSchema }) => simplify(jsonSchema),
  })
  return rest
}

/** Leaves out what says nothing to a reader: the pattern of a format, the largest number that there is. */
function simplify(schema: Schema): void {
  if (schema.format !== undefined) delete schema.pattern
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum
  delete schema.propertyNames
}

/** Adds what the schemas of events do not tell by themselves. */
function completed(id: string, { $schema: _, $id: __, ...schema }: Schema): JsonSchema {
  const words: Words | undefined = eventWords[id as keyof typeof eventWords]
  if (words === undefined) return schema
  for (const [path, description] of Object.entries(words.fields ?? {})) {
    const steps = path.split('.')
    const name = steps.pop() ?? ''
    const parent = steps.reduce(fieldOf, schema)
    parent.properties = { ...parent.properties, [name]: { description, ...fieldsOf(parent)[name] } }
  }
  return { description: words.description, ...schema, ...furtherRules[id as keyof typeof furtherRules] }
}

const fieldsOf = (schema: Schema): Record<string, Schema> =>
  (schema.properties ?? {}) as Record<string, Schema>

/** The object behind a step of a path; `name[]` steps into the items of a list. What may also be null is looked through. */
function fieldOf(parent: Schema, step: string): Schema {
  const name = step.replace('[]', '')
  const field = fieldsOf(parent)[name] ?? {}
  const alternatives = [field, ...(field.anyOf ?? [])] as Schema[]
  const found = step === name ? 'properties' : 'items'
  const inside = alternatives.find((alternative) => alternative[found] !== undefined) ?? {}
  return step === name ? inside : (inside.items as Schema)
}
