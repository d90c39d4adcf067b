import { z } from 'zod'
import { eventTypes } from '../event.ts'

const topicPattern = /^[a-z]+(\.[a-z]+)*$/

const subscription = z
  .string('must be an event type or topic')
  .refine((name) => (eventTypes as readonly string[]).includes(name) || topicPattern.test(name), {
    error: `must be ${eventTypes.join(', ')} or a topic such as customer.start`,
  })

const attributeValue = z.union([z.string(), z.number(), z.boolean()], {
  error: 'must be text, a number or a boolean; "" blanks an attribute',
})

const laterFeature = z.undefined({ error: 'is not available in this version: remove it' }).optional()

/** In the words of a YAML author; unknown keys are told elsewhere, one by one. */
const mapOf = (what: string) => ({
  error: ({ code }: { code: string | undefined }) =>
    code === 'invalid_type' ? `must be a map with ${what}` : undefined,
})

const rule = z.strictObject(
  {
    name: z.string('must be text').min(1, 'must not be empty'),
    on: z.union(
      [
        subscription.transform((name) => [name]),
        z.array(subscription).min(1, 'must name at least one type or topic'),
      ],
      {
        error: `must be a list of event types (${eventTypes.join(', ')}) and topics such as customer.start`,
      },
    ),
    when: z
      .union([z.string().min(1, 'must not be empty'), z.boolean().transform(String)], {
        error: 'must be a CEL condition',
      })
      .optional(),
    target: z
      .literal('event', {
        error:
          'must be event, the participant of the event: conditions on other participants are not available in this version',
      })
      .optional(),
    priority: z.enum(['high', 'normal', 'low'], { error: 'must be high, normal or low' }).default('normal'),
    set: z
      .record(z.string().min(1, 'an attribute needs a name'), attributeValue, {
        error: 'must be a map of attribute names to values',
      })
      .refine((values) => Object.keys(values).length > 0, 'must set at least one attribute'),
  },
  mapOf('name, on and set'),
)

/** The rules file as written, before its expressions are compiled. */
export const rulesFileSchema = z.strictObject(
  {
    version: z.literal(1, { error: 'must be 1' }),
    lookups: laterFeature,
    rules: z.array(rule, { error: 'must be a list of rules' }).superRefine((rules, context) => {
      const seen = new Set<string>()
      for (const [index, { name }] of rules.entries()) {
        if (seen.has(name))
          context.addIssue({
            code: 'custom',
            path: [index, 'name'],
            message: `is used twice: ${JSON.stringify(name)}`,
          })
        seen.add(name)
      }
    }),
    tests: laterFeature,
  },
  mapOf('version and rules'),
)

export type RulesFile = z.infer<typeof rulesFileSchema>
