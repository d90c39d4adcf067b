import { z } from 'zod'
import { fileLookupSchema, httpLookupSchema } from '../lookups/lookup-schema.ts'
import { letSchema } from '../rules/file/let-schema.ts'
import { lookupNameSchema, ruleSchema, rulesFileSchema } from '../rules/file/schema.ts'
import { testSchema } from '../rules/file/test-schema.ts'
import { mappingSchema } from '../rules/mappings/mapping-schema.ts'
import { testsFileSchema } from './tests/tests-document.ts'

const { ignore, ...mappingFields } = mappingSchema.shape

/** A mapping has the fields of an event, or `ignore`. */
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
        'Reads the fields of an event from an item. The service uses the first mapping that matches, before the known envelopes.',
    }),
  z.strictObject({ name: mappingFields.name, when: mappingFields.when, ignore: ignore.unwrap() }).meta({
    title: 'A mapping that ignores items',
    description: 'Matching items are valid and ignored.',
  }),
])

const rulesFile = z
  .strictObject({
    version: rulesFileSchema.shape.version,
    mappings: z
      .array(mapping)
      .optional()
      .describe('How the service reads items of other forms, such as those of your own relay.'),
    lookups: z
      .record(lookupNameSchema, z.union([fileLookupSchema, httpLookupSchema]))
      .optional()
      .describe('Tables by name. Rules read them with lookup("name", key).column.'),
    let: letSchema
      .optional()
      .describe(
        'Names for CEL expressions, which all rules can read. Each is evaluated at most once per event, when a rule first reads it.',
      ),
    rules: z.array(ruleSchema).describe('The rules: conditions, and the attributes that they set.'),
    tests: z
      .array(testSchema)
      .optional()
      .describe(
        'The tests that `genesys-enricher rules test` runs. A .test.yaml file beside this one can have more.',
      ),
  })
  .meta({
    title: 'Rules of genesys-enricher',
    description: 'Rules that set participant attributes in Genesys Cloud.',
  })

const testsFile = z
  .strictObject({
    version: testsFileSchema.shape.version,
    tests: z.array(testSchema).describe('The tests that `genesys-enricher rules test` runs.'),
  })
  .meta({
    title: 'Tests of a rules file of genesys-enricher',
    description: 'A file beside the rules file: vip.test.yaml for the tests of vip.yaml.',
  })

/**
 * The JSON Schema of a rules file for editors, generated from the schemas that validate the file. It detects mistakes in names
 * and types; mistakes in CEL are found only when the file is loaded.
 */
export const rulesJsonSchema = () => jsonSchemaOf(rulesFile)

/** The JSON Schema of a test file beside a rules file. */
export const testsJsonSchema = () => jsonSchemaOf(testsFile)

/** `io: 'input'`: the file as written, before defaults. */
const jsonSchemaOf = (schema: z.ZodType) => z.toJSONSchema(schema, { io: 'input', override })

/** Turns `offers` of a schema into known values that editors complete. Other values stay valid. */
function override({ jsonSchema }: { readonly jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  const { offers, description, ...schema } = jsonSchema
  if (offers === undefined) return
  for (const keyword of ['offers', ...Object.keys(schema)]) delete jsonSchema[keyword]
  jsonSchema.anyOf = [{ enum: offers as string[] }, schema]
}
