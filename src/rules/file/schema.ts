import { z } from 'zod'
import { eventTypes } from '../../event.ts'
import { fileLookupSchema, httpLookupSchema, lookupSchema } from '../../lookups/lookup-schema.ts'
import { mapOf } from '../../values/map-of.ts'
import { suggest } from '../../values/suggest.ts'
import { mappedParticipantKeys, mappingKeys, mappingSchema } from '../mappings/mapping-schema.ts'
import { becomesKeys } from './becomes-schema.ts'
import { knownTopics } from './known-topics.ts'
import { attributeName, condition, name, scalar } from './schema-parts.ts'
import { testSchema } from './test-schema.ts'

/** A topic, those below one, or all. */
const topicsPattern = /^(\*|[a-z]+(\.[a-z]+)*(\.\*)?)$/

/** Events have types and topics in lower case, so the letter case does not matter here. */
const subscription = z
  .string('must be an event type or topic')
  .refine((name) => isSubscription(name.toLowerCase()), {
    error: ({ input }) => {
      const written = String(input)
      const topic = /^v2\.detail\.events\.conversation\.[^.]+\.([a-z.]+)$/i.exec(written)?.[1]
      const meant = (topic ?? withDot(written))?.toLowerCase() ?? suggest(written, eventTypes)
      const hint = meant === undefined ? '' : `: did you mean ${meant}?`
      return `must be ${eventTypes.join(', ')}, a topic such as customer.start, topics such as user.*, or *${hint}`
    },
  })
  .transform((name) => name.toLowerCase())
  .meta({ offers: [...eventTypes, ...knownTopics, '*'] })

const isSubscription = (name: string): boolean =>
  (eventTypes as readonly string[]).includes(name) || topicsPattern.test(name)

/** `customer*` as `customer.*`; undefined if that gives no topics. */
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
      name: name.describe('Used once. Identifies the rule in logs, `rules test` and `rules eval`.'),
      on: oneOrMore(
        `must be a list of event types (${eventTypes.join(', ')}) and topics such as customer.start or user.*`,
      ).describe(
        'What the rule listens to: event types, topics, topics such as user.*, or * for everything. One that fits is enough.',
      ),
      when: condition('must be a CEL condition', ['participant.purpose == "customer"'])
        .optional()
        .describe('A condition in CEL on event and participant. Absent: always.'),
      target: z
        .string(targetError)
        // A condition on anything else would fit all of them or none.
        .refine((text) => text === 'event' || /\bcandidate\b/.test(text), targetError)
        .optional()
        .meta({
          description:
            'The participant that the attributes go on: the first one of the conversation for whom this CEL condition on candidate is true. Absent, or event: the participant the event names.',
          examples: ['event', 'candidate.purpose == "customer"'],
        }),
      needs: z
        .union([z.literal('participant').transform((one) => [one]), z.array(z.literal('participant'))], {
          error: 'must be participant: then it is read from Genesys Cloud, which costs one call',
        })
        .default([])
        .describe(
          'participant: reads the participant from Genesys Cloud first, which costs one call, so that participant has the fields that the event lacks.',
        ),
      priority: z
        .enum(['high', 'normal', 'low'], { error: 'must be high, normal or low' })
        .default('normal')
        .describe('The order of calls while the rate budget is scarce.'),
      set: z
        .record(attributeName, scalar('must be text, a number or a boolean; "" blanks an attribute'), {
          error: 'must be a map of attribute names to values',
        })
        .refine((values) => Object.keys(values).length > 0, 'must set at least one attribute')
        .meta({
          description:
            'Attributes by name. Values are sent as text; ${…} in them is CEL; "" blanks an attribute.',
          examples: [{ support_tier: 'platinum', greeting: 'Hello ${participant.address}' }],
        }),
    },
    mapOf('name, on and set'),
  )
  .meta({
    title: 'A rule',
    description:
      'All rules that match an event apply, in the order of the file; where two set one attribute, the later one wins.',
  })

/** The file as a whole; what is in the lists is checked entry by entry, so that one mistake hides no other. */
export const rulesFileSchema = z.strictObject(
  {
    version: z.literal(1, { error: 'must be 1' }).describe('The version of this format: 1.'),
    mappings: z
      .array(z.unknown(), { error: 'must be a list of mappings, each of which begins with - and a space' })
      .optional(),
    lookups: z.record(z.string(), z.unknown(), { error: 'must be a map of names to tables' }).optional(),
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
  .regex(/^[A-Za-z][\w-]{0,63}$/, 'is no name for a table: use letters, digits, _ and -')

export { lookupSchema, mappingSchema }
export type RuleDefinition = z.infer<typeof ruleSchema>

/** What to say of a key that is not known; `path`: of the map it stands in. `isHttp`: that map has a `url`. */
export function unknownKey(key: string, path: readonly PropertyKey[], isHttp: boolean): string {
  if (key === '<<') return 'is not known here: YAML 1.2 merges no maps, write the keys out'
  const [section, , ...rest] = path
  if (section === 'lookups' && rest.length === 0) {
    const [own, other] = isHttp ? [httpKeys, fileKeys] : [fileKeys, httpKeys]
    if (other.includes(key) && !own.includes(key))
      return `is not known here: it is for tables ${isHttp ? 'in files, and this one has a url' : 'behind HTTP, and this one has no url'}`
  }
  const known = keysAt(path, isHttp)
  const meant = suggest(key, known)
  if (meant !== undefined) return `is not known here: did you mean ${meant}?`
  return `is not known here${known.length > 0 ? `: there is ${known.join(', ')}` : ''}`
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
