import { eventTypes } from '../../event.ts'
import { suggest } from '../../values/suggest.ts'

/** Of `v2.detail.events.conversation.{id}.…`. */
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

/** Of `v2.users.{id}.conversations.…` and `v2.routing.queues.{id}.conversations.…`, in lower case as events have them. */
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

/** The topics that Genesys Cloud has and that can come in, as rules name them. */
export const knownTopics: readonly string[] = [...detailTopics, ...snapshotTopics]

/**
 * What is wrong with a name that a rule listens to; undefined if it is a type, a known topic, or stands for some. `own`:
 * topics that the rules file itself gives to events.
 */
export function describeUnknownTopic(name: string, own: readonly string[] = []): string | undefined {
  if (name === '*' || (eventTypes as readonly string[]).includes(name)) return undefined
  const stem = name.endsWith('.*') ? name.slice(0, -2) : undefined
  const topics = [...knownTopics, ...own]
  const isKnown = stem === undefined ? topics.includes(name) : topics.some((topic) => isBelow(topic, stem))
  if (isKnown) return undefined
  const meant = stem === undefined ? meantByName(name, topics) : meantByStem(stem, topics)
  return meant === undefined
    ? 'is no topic of Genesys Cloud: only a relay of your own could send it'
    : `is no topic of Genesys Cloud: did you mean ${meant}?`
}

const isBelow = (topic: string, stem: string): boolean => topic.startsWith(`${stem}.`)

function meantByName(name: string, topics: readonly string[]): string | undefined {
  if (topics.some((topic) => isBelow(topic, name))) return `${name}.*`
  return suggest(name, topics)
}

function meantByStem(stem: string, topics: readonly string[]): string | undefined {
  if (topics.includes(stem)) return stem
  const stems = new Set(
    topics.flatMap((topic) =>
      topic.split('.').flatMap((_, index, parts) => (index === 0 ? [] : [parts.slice(0, index).join('.')])),
    ),
  )
  const meant = suggest(stem, stems)
  return meant === undefined ? undefined : `${meant}.*`
}
