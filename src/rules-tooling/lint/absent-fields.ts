import type { Reads } from '../../cel/syntax/inspect.ts'
import { eventTypes } from '../../event.ts'
import type { RulesDocument, RulesProblem } from '../../rules/file/document.ts'
import { knownTopics } from '../../rules/file/known-topics.ts'
import type { Path } from '../../rules/file/yaml-positions.ts'
import type { CompiledMapping } from '../../rules/mappings/map-item.ts'
import type { LintedRule } from './attributes.ts'
import { subscriptionAllows } from './subscriptions.ts'
import { constantIn, mappingSets } from './unused-mappings.ts'

/**
 * The fields that a rule cannot do without, although the events that it listens to do not have them. The table in docs/rules.md
 * has the fields of each envelope. At most one warning per rule and field.
 */
export function absentFields(
  { compiled, path }: LintedRule,
  { problem }: RulesDocument,
  mappings: readonly CompiledMapping[],
): RulesProblem[] {
  const { on, when, target, set, needsParticipant } = compiled
  const parts: readonly { readonly path: Path; readonly reads: Reads }[] = [
    ...(when === undefined ? [] : [{ path: [...path, 'when'], reads: when.reads }]),
    ...(target === undefined ? [] : [{ path: [...path, 'target'], reads: target.reads }]),
    ...set.map(({ attribute, value }) => ({ path: [...path, 'set', attribute], reads: value.reads })),
  ]
  const required = parts.flatMap((part) => part.reads.required.map((read) => ({ ...read, path: part.path })))
  const isTested = (field: string): boolean =>
    when?.reads.fields.includes(field) === true && !when.reads.required.some((read) => read.field === field)
  return required.flatMap(({ field, offset, path }, index) => {
    if (required.findIndex((read) => read.field === field) < index || isTested(field)) return []
    if (needsParticipant && field.startsWith('participant.')) return []
    const reasons = on.map((name) => whyAbsent(field, name, mappings))
    const [reason] = reasons
    return reason === undefined || reasons.includes(undefined) ? [] : [problem(path, reason, offset)]
  })
}

/** Why events of one entry of `on` do not have the field; undefined: some of them can have it. */
function whyAbsent(field: string, name: string, mappings: readonly CompiledMapping[]): string | undefined {
  if (name === '*') return undefined
  if ((eventTypes as readonly string[]).includes(name)) return whyAbsentByType(field, name, mappings)
  const topics = knownTopics.filter((topic) => subscriptionAllows(name, undefined, topic))
  const topicsOfMappings = mappings.map((mapping) => constantIn(mapping, 'topic'))
  // A topic from the item can be any topic.
  if (
    mappings.some((mapping, index) => mappingSets(mapping, 'topic') && topicsOfMappings[index] === undefined)
  )
    return undefined
  const mapped = mappings.filter((_, index) => {
    const topic = topicsOfMappings[index]
    return topic !== undefined && subscriptionAllows(name, undefined, topic)
  })
  if (mapped.some((mapping) => !mappedFields.has(field) || mappingSets(mapping, mappedPath(field))))
    return undefined
  if (topics.length === 0 && mapped.length === 0) return undefined // only canonical events, which can have every field
  if (!topics.every((topic) => lacks(topic, field))) return undefined
  return topics.length > 0
    ? `${field} is missing in every event with the topic ${topics.length === 1 ? topics[0] : name} from Genesys Cloud: ${remedy(field)}`
    : `${field} is missing in every event with the topic ${name}, because no mapping sets it: ${remedy(field)}`
}

/**
 * Only for `conversation:created`: apart from `customer.start`, which `on` can name, only canonical events have this type, and
 * their topic is optional. Many topics have the type `conversation:updated`, so a condition may well select one of them.
 */
const whyAbsentByType = (
  field: string,
  type: string,
  mappings: readonly CompiledMapping[],
): string | undefined =>
  field !== 'event.topic' ||
  type !== 'conversation:created' ||
  mappings.some((mapping) => mappingSets(mapping, 'topic'))
    ? undefined
    : 'event.topic is missing in canonical events, unless the sender adds it: let "on" name the topic, such as customer.start, or test has(event.topic) first'

const remedy = (field: string): string =>
  `the rule is undecided. Test has(${field}) first${field.startsWith('participant.') && field !== 'participant.externalId' ? ', or add needs: participant' : ''}`

/** Whether the envelopes of Genesys Cloud never have the field in events with this topic. */
const lacks = (topic: string, field: string): boolean =>
  field === 'participant.externalId' ||
  (field === 'participant.address' && /^(?:user|acd|voicemail)\.|^(?:acw|wrapup)$/.test(topic))

/** Fields that an event from a mapping has only if the mapping sets them. */
const mappedFields: ReadonlySet<string> = new Set([
  ...['participantId', 'occurredAt', 'direction', 'queueId', 'userId'].map((name) => `event.${name}`),
  ...['address', 'ani', 'dnis', 'externalContactId', 'externalId', 'userId', 'queueId'].map(
    (name) => `participant.${name}`,
  ),
])

const mappedPath = (field: string): string => field.replace(/^event\./, '')
