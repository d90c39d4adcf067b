import { z } from 'zod'
import { isObject } from '../../values/json.ts'
import { mapOf } from '../../values/messages.ts'
import { timeOf } from '../../values/normal-forms.ts'
import { directions, mediaTypes, purposes } from '../../values/vocabulary.ts'
import { attributeName, name, participantOf, scalar } from './schema-parts.ts'

const field = scalar('must be text, a number or a boolean, or null for an absent field').nullable().optional()

const attributes = z
  .record(attributeName, field, { error: 'must be a map of attribute names to values' })
  .optional()

const timeMessage = 'must be an ISO 8601 time such as 2026-01-31T09:30:00Z, or epoch milliseconds'

const time = z
  .union([z.number(), z.string()], { error: timeMessage })
  .refine((value) => timeOf(value) !== undefined, timeMessage)
  .nullable()
  .optional()

/** The event that a test expects from an item. Fields that it does not name are not compared. */
const becomesSchema = z.strictObject(
  {
    type: field,
    topic: field,
    id: field,
    conversationId: field,
    participantId: field,
    occurredAt: time,
    mediaType: field.meta({ offers: mediaTypes }),
    direction: field.meta({ offers: directions }),
    queueId: field,
    userId: field,
    attributes,
    participant: participantOf(field, attributes).optional(),
  },
  mapOf('fields of event such as type and conversationId'),
)

export const becomesKeys = Object.keys(becomesSchema.shape)

const value = scalar('must be text, a number or a boolean')

const row = z.record(z.string(), value, {
  error: 'must be a map of columns to values, or null for no row',
})

const expectError = 'must be a map of attribute names to values; {} for none'

/** For values that editors complete and that are not validated. */
const offering = (values: readonly string[]) => ({ anyOf: [{ enum: values }, {}] })
const ofParticipant = { properties: { purpose: offering(purposes) } }

/** One test. It needs `expect`, `becomes` or `ignored`. */
export const testSchema = z
  .strictObject(
    {
      name: name.describe('The name of the test in the report.'),
      event: z.record(z.string(), z.unknown(), { error: 'must be an event as a relay sends it' }).meta({
        description:
          'The event as a relay sends it: canonical, from EventBridge, a notification or a snapshot.',
        properties: {
          mediaType: offering(mediaTypes),
          direction: offering(directions),
          participant: ofParticipant,
        },
      }),
      participants: z
        .array(
          z
            .record(z.string(), z.unknown(), { error: 'must be a participant as the API returns it' })
            .refine(({ id }) => typeof id === 'string', 'needs an id as text')
            .meta(ofParticipant),
          { error: 'must be a list of participants' },
        )
        .optional()
        .describe(
          'The participants of the conversation, as the API returns them: for rules with target or needs.',
        ),
      answers: z
        .record(z.string(), z.record(z.string(), row.nullable()), {
          error: 'must be a map of table to keys to rows',
        })
        .default({})
        .describe(
          'The answers of HTTP lookups: table → key → row; null: no row. Tests make no network call.',
        ),
      participant: z
        .string('must be the id of a participant')
        .optional()
        .describe('The participant on which the rules set all attributes. Absent: any.'),
      becomes: becomesSchema
        .optional()
        .describe(
          'The event that the item becomes: some fields of event, and of participant below it. null: absent.',
        ),
      ignored: z
        .literal(true, { error: 'must be true; leave it out for items that rules listen to' })
        .optional()
        .describe(
          'true: the service answers ignored, because the item is not a conversation event or no rule listens to it.',
        ),
      expect: z
        .record(
          attributeName,
          z.union([value, z.record(attributeName, value)], {
            error:
              'must be text, a number or a boolean, or a map of attributes for the participant with this id',
          }),
          { error: expectError },
        )
        .refine(
          (expected) => new Set(Object.values(expected).map((value) => typeof value === 'object')).size < 2,
          'must contain either values, or participants with values, not both',
        )
        .optional()
        .describe(
          'Exactly the attributes that the rules set: attribute → value, or participant → attribute → value. {}: none.',
        ),
    },
    mapOf('name, event and expect'),
  )
  .refine(({ becomes, ignored, expect }) => [becomes, ignored, expect].some((part) => part !== undefined), {
    path: ['expect'],
    error: expectError,
    // Runs even if other fields are invalid, so that one mistake does not hide another.
    when: ({ value }) => isObject(value),
  })
  .meta({
    title: 'A test',
    description: 'An event with the attributes that the rules set for it.',
    anyOf: ['expect', 'becomes', 'ignored'].map((name) => ({
      type: 'object',
      properties: { [name]: {} },
      required: [name],
    })),
  })

export type TestDefinition = z.infer<typeof testSchema>
