import { z } from 'zod'
import { fileLookupSchema, httpLookupSchema } from '../lookups/lookup-schema.ts'
import { lookupNameSchema, mappingSchema, ruleSchema, rulesFileSchema } from '../rules/file/schema.ts'
import { testSchema } from '../rules/file/test-schema.ts'
import { testsFileSchema } from './tests/tests-document.ts'

const { ignore, ...mappingFields } = mappingSchema.shape

/** The fields of an event, or `ignore`. */
const mapping = z.union([
  z
    .strictObject({
      ...mappingFields,
      type: mappingFields.type.unwrap(),
      conversationId: mappingFields.conversationId.unwrap(),
    })
    .meta({
      title: 'A mapping',
      description:
        'Says where an item has the fields of an event. The first mapping that fits is used, before the known envelopes.',
    }),
  z.strictObject({ name: mappingFields.name, when: mappingFields.when, ignore: ignore.unwrap() }).meta({
    title: 'A mapping that ignores items',
    description: 'Items that fit are valid and ignored.',
  }),
])

const rulesFile = z
  .strictObject({
    version: rulesFileSchema.shape.version,
    mappings: z
      .array(mapping)
      .optional()
      .describe('How items of other forms are read, such as those of a relay of your own.'),
    lookups: z
      .record(lookupNameSchema, z.union([fileLookupSchema, httpLookupSchema]))
      .optional()
      .describe('Tables by name, read in rules as lookup("name", key).column.'),
    rules: z.array(ruleSchema).describe('What is set, and when.'),
    tests: z
      .array(testSchema)
      .optional()
      .describe(
        'Run by `genesys-enricher rules test`. More of them may stand in a .test.yaml file beside this one.',
      ),
  })
  .meta({
    title: 'Rules of genesys-enricher',
    description: 'Which attributes go on which participants of conversations.',
  })

const testsFile = z
  .strictObject({
    version: testsFileSchema.shape.version,
    tests: z.array(testSchema).describe('Run by `genesys-enricher rules test`.'),
  })
  .meta({
    title: 'Tests of a rules file of genesys-enricher',
    description: 'Stands beside the rules file: the tests of vip.yaml in vip.test.yaml.',
  })

/**
 * The JSON Schema of a rules file for editors: fields with their meaning, made from the schemas by which files are read.
 * Mistakes beyond types, such as those in CEL, are found only when the file is loaded.
 */
export const rulesJsonSchema = () => jsonSchemaOf(rulesFile)

/** The same of a file of tests that stands beside a rules file. */
export const testsJsonSchema = () => jsonSchemaOf(testsFile)

/** As it is written in the file, before defaults are filled in. */
const jsonSchemaOf = (schema: z.ZodType) => z.toJSONSchema(schema, { io: 'input', override })

/** Where a schema `offers` known values, editors complete them; others stay valid. */
function override({ jsonSchema }: { readonly jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  const { offers, description, ...schema } = jsonSchema
  if (offers === undefined) return
  for (const keyword of ['offers', ...Object.keys(schema)]) delete jsonSchema[keyword]
  jsonSchema.anyOf = [{ enum: offers as string[] }, schema]
}
