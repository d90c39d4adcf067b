import type { EventType } from '../../event.ts'
import type { mediaTypes } from '../../values/vocabulary.ts'

/** A parsed Genesys topic name. `topic` is always in lower case. */
export type Topic =
  /**
   * `v2.detail.events.conversation.{id}.customer.start`: one change of the conversation. `conversationId` keeps its
   * letter case; undefined if the name has a placeholder instead, such as `{id}` or `*`.
   */
  | { readonly kind: 'detail'; readonly conversationId: string | undefined; readonly topic: string }
  /** `v2.users.{id}.conversations.calls`, `v2.routing.queues.{id}.conversations`: the whole conversation, sent at each change. */
  | { readonly kind: 'snapshot'; readonly topic: string }
  | { readonly kind: 'other' }

// `(?i:…)` instead of the flag, because the OpenAPI document contains the source of these expressions.
export const detailTopic = /^(?i:v2\.detail\.events\.conversation)\.(\$?!?\{[^}]*\}|[^.]+)\.([A-Za-z.]+)$/
export const snapshotTopic = /^(?i:v2\.(users|routing\.queues))\.[^.]+\.(?i:conversations)((?:\.[A-Za-z]+)?)$/

/**
 * In characters. The names of Genesys Cloud have up to about 100. Topics are keys in memory (`rules/evaluate.ts`, `snapshot-memory.ts`),
 * so without a limit a sender could fill the memory with them.
 */
export const maxTopicLength = 300

/**
 * Parses a topic name in any letter case. The `detail-type` of EventBridge has the same form, with a literal `{id}`. A name that is
 * too long is `other`.
 */
export function parseTopic(given: string): Topic {
  // Before `trim`: V8 keeps the whole text in memory as long as a part of it.
  if (given.length > maxTopicLength) return { kind: 'other' }
  const name = given.trim()
  const [, id, event] = detailTopic.exec(name) ?? []
  if (id !== undefined && event !== undefined) {
    return { kind: 'detail', conversationId: isPlaceholder(id) ? undefined : id, topic: event.toLowerCase() }
  }
  const [, owner, media] = snapshotTopic.exec(name) ?? []
  if (owner !== undefined) return { kind: 'snapshot', topic: `${owner}.conversations${media}`.toLowerCase() }
  return { kind: 'other' }
}

const isPlaceholder = (id: string): boolean => id === '*' || id.endsWith('}')

/** A Map, because senders choose the topic, and an object would find `constructor`. */
const purposes: ReadonlyMap<string, string> = new Map([
  ['customer', 'customer'],
  ['acw', 'agent'],
  ['wrapup', 'agent'],
  ['acd', 'acd'],
  ['voicemail', 'voicemail'],
])

/**
 * The purpose of the participant in a detail event, if the topic implies one. `user.*` is an agent only if the event has a
 * queue. `flow.*`, `outbound`, `contact` and `attributes` occur for several purposes: undefined.
 */
export function purposeOfTopic(topic: string | undefined, queueId: string | undefined): string | undefined {
  if (topic === undefined) return undefined
  const dot = topic.indexOf('.')
  const family = dot < 0 ? topic : topic.slice(0, dot)
  if (family === 'user') return queueId === undefined ? 'user' : 'agent'
  return purposes.get(family)
}

/** The media type of each array of a snapshot participant, by the Genesys Cloud name of the array. */
export const mediaTypeOfArray = {
  calls: 'voice',
  callbacks: 'callback',
  chats: 'chat',
  cobrowsesessions: 'cobrowse',
  emails: 'email',
  messages: 'message',
  internalMessages: 'internalmessage',
  screenshares: 'screenshare',
  socialExpressions: 'social',
  videos: 'video',
} as const satisfies Record<string, (typeof mediaTypes)[number]>

const mediaTypeOfSuffix: ReadonlyMap<string, string> = new Map(
  Object.entries(mediaTypeOfArray).map(([array, mediaType]) => [array.toLowerCase(), mediaType]),
)

/** The media type of a snapshot topic as `parseTopic` returns it: `users.conversations.calls` is `voice`. */
export function mediaTypeOfTopic(topic: string): string | undefined {
  const media = /^(?:users|routing\.queues)\.conversations\.([a-z]+)$/.exec(topic)?.[1]
  return media === undefined ? undefined : mediaTypeOfSuffix.get(media)
}

/**
 * The topic as rules see it: without prefix and ids, in lower case. Accepts a full topic name or the short form. Undefined if it is
 * too long.
 */
export function shortTopic(name: string): string | undefined {
  if (name.length > maxTopicLength) return undefined
  const topic = parseTopic(name)
  return topic.kind === 'other' ? name.trim().toLowerCase() : topic.topic
}

export const eventTypeOf = (topic: string): EventType =>
  topic === 'customer.start' ? 'conversation:created' : 'conversation:updated'
