import { z } from 'zod'
import { eventTypes } from '../../event.ts'
import { fileLookupSchema, httpLookupSchema } from '../../lookups/lookup-schema.ts'
import { mapOf, suggest } from '../../values/messages.ts'
import { mappedParticipantKeys, mappingKeys } from '../mappings/mapping-schema.ts'
import { knownTopics } from './known-topics.ts'
import { letSchema } from './let-schema.ts'
import { attributeName, condition, name, scalar } from './schema-parts.ts'
import { becomesKeys, testSchema } from './test-schema.ts'

/** A topic, a wildcard for the topics below one, or `*`. */
const topicsPattern = /^(\*|[a-z]+(\.[a-z]+)*(\.\*)?)$/

/** Types and topics of events are lower case, so the schema converts to lower case. */
const subscription = z
  .string('must be an event type or topic')
  .refine((name) => isSubscription(name.toLowerCase()), {
    error: ({ input }) => {
      const written = String(input)
      const topic = /^v2\.detail\.events\.conversation\.[^.]+\.([a-z.]+)$/i.exec(written)?.[1]
      const suggestion = (topic ?? withDot(written))?.toLowerCase() ?? suggest(written, eventTypes)
      const hint = suggestion === undefined ? '' : `: did you mean ${suggestion}?`
      return `must be ${eventTypes.join(', ')}, a topic such as customer.start, topics such as user.*, or *${hint}`
    },
  })
  .transform((name) => name.toLowerCase())
  .meta({ offers: [...eventTypes, ...knownTopics, '*'] })

const isSubscription = (name: string): boolean =>
  (eventTypes as readonly string[]).includes(name) || topicsPattern.test(name)

/** Corrects `customer*` to `customer.*`; undefined if the result is not valid. */
function withDot(written: string): string | undefined {
  const topics = written.replace(/(?<=[a-z])\*$/i, '.*')
  return topicsPattern.test(topics.toLowerCase()) ? topics : undefined
}

const oneOrMore = (error: string) =>
  z.union(
    [
      subscription.transform((one) => [one]),
      z.array(subscription).min(1, 'must name at least one type or topic'),
    ],
    { error },
  )

const targetError = 'must be event, or a CEL condition on candidate such as candidate.purpose == "customer"'

export const ruleSchema = z
  .strictObject(
    {
      name: name.describe('Unique. Identifies the rule in logs, `rules test` and `rules eval`.'),
      on: oneOrMore(
        `must be a list of event types (${eventTypes.join(', ')}) and topics such as customer.start or user.*`,
      ).describe(
        'The events that the rule listens to: event types, topics, wildcards such as user.*, or * for all. One match is enough.',
      ),
      let: letSchema
        .default({})
        .describe(
          'Names for CEL expressions, which when, target and set of this rule can read. Each is evaluated at most once per event.',
        ),
      when: condition('must be a CEL condition', ['participant.purpose == "customer"'])
        .optional()
        .describe('A CEL condition on event and participant. Absent: the rule always matches.'),
      target: z
        .string(targetError)
        // A condition without candidate would be true for all participants or for none.
        .refine((text) => text === 'event' || /\bcandidate\b/.test(text), targetError)
        .optional()
        .meta({
          description:
            'The participant that gets the attributes: the first one of the conversation for which this CEL condition on candidate is true. Absent, or event: the participant of the event.',
          examples: ['event', 'candidate.purpose == "customer"'],
        }),
      needs: z
        .union([z.literal('participant').transform((one) => [one]), z.array(z.literal('participant'))], {
          error: 'must be participant: the service then reads it from Genesys Cloud, with one API call',
        })
        .default([])
        .describe(
          'participant: the service first reads the participant from Genesys Cloud, with one API call, so that participant has the fields that the event lacks.',
        ),
      priority: z
        .enum(['high', 'normal', 'low'], { error: 'must be high, normal or low' })
        .default('normal')
        .describe('The order of API calls while the rate budget is short.'),
      set: z
        .record(attributeName, scalar('must be text, a number or a boolean; "" blanks an attribute'), {
          error: 'must be a map of attribute names to values',
        })
        .refine((values) => Object.keys(values).length > 0, 'must set at least one attribute')
        .meta({
          description:
            'Attributes by name. The service sends values as text; ${…} in them is CEL; "" blanks an attribute.',
          examples: [{ support_tier: 'platinum', greeting: 'Hello ${participant.address}' }],
        }),
    },
    mapOf('name, on and set'),
  )
  .meta({
    title: 'A rule',
    description:
      'All rules that match an event apply, in file order. If two set the same attribute, the later one wins.',
  })

/** The file as a whole. Entries of lists are validated one by one, so that one mistake does not hide another. */
export const rulesFileSchema = z.strictObject(
  {
    version: z.literal(1, { error: 'must be 1' }).describe('The version of this format: 1.'),
    mappings: z
      .array(z.unknown(), { error: 'must be a list of mappings, each of which begins with - and a space' })
      .optional(),
    lookups: z.record(z.string(), z.unknown(), { error: 'must be a map of names to tables' }).optional(),
    let: z.unknown().optional(),
    rules: z.array(z.unknown(), {
      error: 'must be a list of rules, each of which begins with - and a space',
    }),
    tests: z
      .array(z.unknown(), { error: 'must be a list of tests, each of which begins with - and a space' })
      .optional(),
  },
  mapOf('version and rules'),
)

export const lookupNameSchema = z
  .string()
  .regex(/^[A-Za-z][\w-]{0,63}$/, 'is not a valid table name: use letters, digits, _ and -')

export type RuleDefinition = z.infer<typeof ruleSchema>

/** The message for an unknown key in the map at `path`. `isHttp`: that map has a `url`. */
export function unknownKey(key: string, path: readonly PropertyKey[], isHttp: boolean): string {
  if (key === '<<') return 'is not a known field: YAML 1.2 does not merge maps, write the keys out'
  const [section, , ...rest] = path
  if (section === 'lookups' && rest.length === 0) {
    const [own, other] = isHttp ? [httpKeys, fileKeys] : [fileKeys, httpKeys]
    if (other.includes(key) && !own.includes(key))
      return `is only for tables ${isHttp ? 'in files, but this one has a url' : 'behind HTTP, but this one has no url'}`
  }
  const known = keysAt(path, isHttp)
  const suggestion = suggest(key, known)
  if (suggestion !== undefined) return `is not a known field: did you mean ${suggestion}?`
  return `is not a known field${known.length > 0 ? `: use ${known.join(', ')}` : ''}`
}

const fileKeys = Object.keys(fileLookupSchema.shape)
const httpKeys = Object.keys(httpLookupSchema.shape)

function keysAt([section, ...inside]: readonly PropertyKey[], isHttp: boolean): readonly string[] {
  if (section === undefined) return Object.keys(rulesFileSchema.shape)
  if (section === 'mappings') return inside.length === 1 ? mappingKeys : mappedParticipantKeys
  if (section === 'tests' && inside[1] === 'becomes')
    return inside.length === 2 ? becomesKeys : mappedParticipantKeys
  if (inside.length !== 1) return []
  if (section === 'rules') return Object.keys(ruleSchema.shape)
  if (section === 'tests') return Object.keys(testSchema.shape)
  return isHttp ? httpKeys : fileKeys
}
