import { eventTypes } from '../../event.ts'
import { suggest } from '../../values/messages.ts'

/** The topics `v2.detail.events.conversation.{id}.…`. */
const detailTopics = [
  'acd.end',
  'acd.start',
  'acw',
  'attributes',
  'contact',
  'customer.end',
  'customer.start',
  'flow.end',
  'flow.outcome',
  'flow.start',
  'outbound',
  'user.end',
  'user.start',
  'voicemail.end',
  'voicemail.start',
  'wrapup',
] as const

/** The endings of `v2.users.{id}.conversations.…` and `v2.routing.queues.{id}.conversations.…`, in lower case as in events. */
const media = [
  'callbacks',
  'calls',
  'chats',
  'cobrowsesessions',
  'emails',
  'internalmessages',
  'messages',
  'screenshares',
  'socialexpressions',
  'videos',
] as const

const snapshotTopics = ['users.conversations', 'routing.queues.conversations'].flatMap((topic) => [
  topic,
  ...media.map((medium) => `${topic}.${medium}`),
])

/** The topics of Genesys Cloud that the service can receive, as rules name them. */
export const knownTopics: readonly string[] = [...detailTopics, ...snapshotTopics]

/**
 * The warning about an unknown topic in `on` of a rule; undefined for a type, a known topic or a wildcard that includes one.
 * `mappedTopics`: topics that mappings of the rules file set.
 */
export function describeUnknownTopic(name: string, mappedTopics: readonly string[] = []): string | undefined {
  if (name === '*' || (eventTypes as readonly string[]).includes(name)) return undefined
  const stem = name.endsWith('.*') ? name.slice(0, -2) : undefined
  const topics = [...knownTopics, ...mappedTopics]
  const isKnown = stem === undefined ? topics.includes(name) : topics.some((topic) => isBelow(topic, stem))
  if (isKnown) return undefined
  const suggestion = stem === undefined ? similarTopic(name, topics) : similarWildcard(stem, topics)
  return suggestion === undefined
    ? 'is not a topic of Genesys Cloud: only your own relay could send it'
    : `is not a topic of Genesys Cloud: did you mean ${suggestion}?`
}

const isBelow = (topic: string, stem: string): boolean => topic.startsWith(`${stem}.`)

function similarTopic(name: string, topics: readonly string[]): string | undefined {
  if (topics.some((topic) => isBelow(topic, name))) return `${name}.*`
  return suggest(name, topics)
}

function similarWildcard(stem: string, topics: readonly string[]): string | undefined {
  if (topics.includes(stem)) return stem
  const stems = new Set(
    topics.flatMap((topic) =>
      topic.split('.').flatMap((_, index, parts) => (index === 0 ? [] : [parts.slice(0, index).join('.')])),
    ),
  )
  const suggestion = suggest(stem, stems)
  return suggestion === undefined ? undefined : `${suggestion}.*`
}
