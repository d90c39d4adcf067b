import { z } from 'zod'
import { eventTypes } from '../../event.ts'
import { directions, mediaTypes, purposes } from '../../values/vocabulary.ts'
import { knownTopics } from '../lint/known-topics.ts'
import { fileLookupSchema, httpLookupSchema } from '../lookups/lookup-schema.ts'
import { testsFileSchema } from '../rules-tests/tests-document.ts'
import { type FieldWords, fieldWords, partWords } from './json-schema-words.ts'
import { lookupNameSchema, mappingSchema, ruleSchema, rulesFileSchema, testSchema } from './schema.ts'

/** A JSON Schema, draft 2020-12, or a part of one. */
export type JsonSchema = Readonly<Record<string, unknown>>

/**
 * What editors know of a rules file: fields with their meaning, made from the schemas by which files are read. What the
 * types do not tell, such as CEL, is checked only when the file is loaded.
 */
export function rulesJsonSchema(): JsonSchema {
  return described('file', partOf(rulesFileSchema), {
    mappings: { type: 'array', items: mapping() },
    lookups: {
      type: 'object',
      propertyNames: partOf(lookupNameSchema),
      additionalProperties: { anyOf: [fileLookup(), httpLookup()] },
    },
    rules: { type: 'array', items: rule() },
    tests: { type: 'array', items: test() },
  })
}

/** The same of a file of tests that stands beside a rules file. */
export const testsJsonSchema = (): JsonSchema =>
  described('testsFile', partOf(testsFileSchema.omit({ rules: true, lookups: true, mappings: true })), {
    tests: { type: 'array', items: test() },
  })

const fileLookup = (): JsonSchema => described('fileLookup', partOf(fileLookupSchema))
const httpLookup = (): JsonSchema => described('httpLookup', partOf(httpLookupSchema))

/** The fields of an event, or `ignore`. */
function mapping(): JsonSchema {
  const schema = described('mapping', partOf(mappingSchema))
  const { ignore, ...fields } = schema.properties as Record<string, JsonSchema>
  const { name, when } = fields
  return {
    anyOf: [
      withKnownValues({
        ...schema,
        properties: fields,
        required: ['name', 'when', 'type', 'conversationId'],
      }),
      {
        ...schema,
        ...partWords.ignoringMapping,
        properties: { name, when, ignore },
        required: ['name', 'when', 'ignore'],
      },
    ],
  }
}

/** At least one of what a test can expect. */
function test(): JsonSchema {
  const schema = described('test', partOf(testSchema))
  const properties = (schema.properties ?? {}) as Record<string, JsonSchema>
  const { event = {}, becomes = {}, participants = {} } = properties
  const participant = (participants.items ?? {}) as JsonSchema
  return {
    ...schema,
    properties: {
      ...properties,
      event: withKnownValues({ ...event, properties: { mediaType: {}, direction: {}, participant: {} } }),
      becomes: withKnownValues(becomes),
      participants: { ...participants, items: withPurposes(participant) },
    },
    anyOf: ['expect', 'becomes', 'ignored'].map((name) => ({
      type: 'object',
      properties: { [name]: {} },
      required: [name],
    })),
  }
}

/** Offers the known values of media type, direction and purpose. Others stay valid. */
function withKnownValues(schema: JsonSchema): JsonSchema {
  const properties = (schema.properties ?? {}) as Record<string, JsonSchema>
  const { mediaType = {}, direction = {}, participant = {} } = properties
  return {
    ...schema,
    properties: {
      ...properties,
      mediaType: offering(mediaTypes, mediaType),
      direction: offering(directions, direction),
      participant: withPurposes(participant),
    },
  }
}

function withPurposes(participant: JsonSchema): JsonSchema {
  const properties = (participant.properties ?? {}) as Record<string, JsonSchema>
  return {
    ...participant,
    properties: { ...properties, purpose: offering(purposes, properties.purpose ?? {}) },
  }
}

const offering = (values: readonly string[], { description, ...schema }: JsonSchema): JsonSchema => ({
  ...(description !== undefined && { description }),
  anyOf: [{ enum: values }, schema],
})

function rule(): JsonSchema {
  const name = { anyOf: [{ enum: [...eventTypes, ...knownTopics, '*'] }, { type: 'string' }] }
  return described('rule', partOf(ruleSchema), {
    on: { anyOf: [name, { type: 'array', minItems: 1, items: name }] },
  })
}

/** As it is written in the file, before defaults are filled in. */
function partOf(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...part } = z.toJSONSchema(schema, { io: 'input' })
  return part
}

/** Adds what each field means, and puts other schemas in the place of some. */
function described(
  part: keyof typeof fieldWords,
  schema: JsonSchema,
  others: Readonly<Record<string, JsonSchema>> = {},
): JsonSchema {
  const words: Readonly<Record<string, FieldWords>> = fieldWords[part]
  const properties = Object.entries(schema.properties ?? {}).map(([name, property]) => [
    name,
    { ...words[name], ...(others[name] ?? property) },
  ])
  return {
    ...(part === 'file' || part === 'testsFile' ? { $schema: draft } : {}),
    ...partWords[part],
    ...schema,
    properties: Object.fromEntries(properties),
  }
}

const draft = 'https://json-schema.org/draft/2020-12/schema'
