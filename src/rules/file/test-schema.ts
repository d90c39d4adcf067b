import { z } from 'zod'
import { mapOf } from '../../values/map-of.ts'
import { directions, mediaTypes, purposes } from '../../values/vocabulary.ts'
import { becomesSchema } from './becomes-schema.ts'
import { attributeName, name, scalar } from './schema-parts.ts'

const row = z.record(z.string(), scalar('must be text, a number or a boolean'), {
  error: 'must be a map of columns to values, or null for no row',
})

const expectedValue = scalar('must be text, a number or a boolean')
const expectError = 'must be a map of attribute names to values; {} if nothing is to be set'

/** Of a value that editors complete and nothing checks. */
const offering = (values: readonly string[]) => ({ anyOf: [{ enum: values }, {}] })
const ofParticipant = { properties: { purpose: offering(purposes) } }

/** Of the tests beside the rules. Each has to expect something. */
export const testSchema = z
  .strictObject(
    {
      name: name.describe('The name of the test in the report.'),
      event: z.record(z.string(), z.unknown(), { error: 'must be an event as a relay sends it' }).meta({
        description:
          'As a relay would send it: canonical, from EventBridge, a notification or a conversation snapshot.',
        properties: {
          mediaType: offering(mediaTypes),
          direction: offering(directions),
          participant: ofParticipant,
        },
      }),
      participants: z
        .array(
          z
            .record(z.string(), z.unknown(), { error: 'must be a participant, as Genesys Cloud tells it' })
            .refine(({ id }) => typeof id === 'string', 'needs an id, which is text')
            .meta(ofParticipant),
          { error: 'must be a list of participants' },
        )
        .optional()
        .describe(
          'The participants of the conversation, as the API returns them: for rules with a target, or that need the participant.',
        ),
      answers: z
        .record(z.string(), z.record(z.string(), row.nullable()), {
          error: 'must be a map of table to keys to rows',
        })
        .default({})
        .describe(
          'The answers of tables behind HTTP: table → key → row; null: no row. Nothing is asked over the network.',
        ),
      participant: z
        .string('must be the id of a participant')
        .optional()
        .describe('The participant that all attributes are to be set on. Absent: any.'),
      becomes: becomesSchema
        .optional()
        .describe(
          'The event that the item is read as: those fields of event that are named here, and participant. null: not there.',
        ),
      ignored: z
        .literal(true, { error: 'must be true; leave it out for items that rules listen to' })
        .optional()
        .describe(
          'true: the service answers ignored, because the item is not a conversation event, or no rule listens to it.',
        ),
      expect: z
        .record(
          attributeName,
          z.union([expectedValue, z.record(attributeName, expectedValue)], {
            error: 'must be text, a number or a boolean, or what is to be set on the participant of this id',
          }),
          { error: expectError },
        )
        .refine(
          (expected) => new Set(Object.values(expected).map((value) => typeof value === 'object')).size < 2,
          'must hold either values, or participants with theirs, not both',
        )
        .optional()
        .describe(
          'All that is to be set, and nothing else: attribute → value, or participant → attribute → value. {}: nothing.',
        ),
    },
    mapOf('name, event and expect'),
  )
  .refine(({ becomes, ignored, expect }) => [becomes, ignored, expect].some((part) => part !== undefined), {
    path: ['expect'],
    error: expectError,
    // Also where something else is wrong: one mistake hides no other.
    when: ({ value }) => typeof value === 'object' && value !== null && !Array.isArray(value),
  })
  .meta({
    title: 'A test',
    description: 'An event, and all that is to be set for it.',
    anyOf: ['expect', 'becomes', 'ignored'].map((name) => ({
      type: 'object',
      properties: { [name]: {} },
      required: [name],
    })),
  })

export type TestDefinition = z.infer<typeof testSchema>
