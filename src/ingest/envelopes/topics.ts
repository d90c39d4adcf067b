import type { EventType } from '../../event.ts'
import { isUnfilledTemplate } from '../../values/normal-forms.ts'
import type { mediaTypes } from '../../values/vocabulary.ts'

/** What a Genesys topic name says. `topic` is in lower case, whatever the letter case of the name. */
export type Topic =
  /**
   * `v2.detail.events.conversation.{id}.customer.start`: one change of the conversation. `conversationId` is as
   * written, and undefined if the name holds a placeholder in its place, such as `{id}` or `*`.
   */
  | { readonly kind: 'detail'; readonly conversationId: string | undefined; readonly topic: string }
  /** `v2.users.{id}.conversations.calls`, `v2.routing.queues.{id}.conversations`: the whole conversation, at each change. */
  | { readonly kind: 'snapshot'; readonly topic: string }
  | { readonly kind: 'other' }

// `(?i:…)` instead of the flag, because the OpenAPI document publishes the source of these expressions.
export const detailTopic = /^(?i:v2\.detail\.events\.conversation)\.(\$?!?\{[^}]*\}|[^.]+)\.([A-Za-z.]+)$/
export const snapshotTopic = /^(?i:v2\.(users|routing\.queues))\.[^.]+\.(?i:conversations)((?:\.[A-Za-z]+)?)$/

/** Whether a field holds a topic's name: not blank, and not a template that was not filled in. */
export const isTopicName = (value: unknown): value is string =>
  typeof value === 'string' && value.trim() !== '' && !isUnfilledTemplate(value)

/** Reads a topic name in any letter case. EventBridge's `detail-type` has the same form, with a literal `{id}`. */
export function parseTopic(given: string): Topic {
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

/** A Map, because topics come from the sender and `constructor` is a property of every object. */
const purposes: ReadonlyMap<string, string> = new Map([
  ['customer', 'customer'],
  ['acw', 'agent'],
  ['wrapup', 'agent'],
  ['acd', 'acd'],
  ['voicemail', 'voicemail'],
])

/**
 * The purpose of the participant in a detail event, if the topic decides it. `user.*` is an agent only on a leg
 * that came through a queue. `flow.*`, `outbound`, `contact` and `attributes` occur for several purposes: undefined.
 */
export function purposeOfTopic(topic: string | undefined, queueId: string | undefined): string | undefined {
  if (topic === undefined) return undefined
  const dot = topic.indexOf('.')
  const family = dot < 0 ? topic : topic.slice(0, dot)
  if (family === 'user') return queueId === undefined ? 'user' : 'agent'
  return purposes.get(family)
}

/** The media type that each array of a snapshot participant stands for, by the name that Genesys Cloud gives the array. */
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

/** A topic as rules see it: without prefix and ids, in lower case; from a whole topic name or the short form. */
export function shortTopic(name: string): string {
  const topic = parseTopic(name)
  return topic.kind === 'other' ? name.trim().toLowerCase() : topic.topic
}

export const eventTypeOf = (topic: string): EventType =>
  topic === 'customer.start' ? 'conversation:created' : 'conversation:updated'
