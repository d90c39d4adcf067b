/** What a Genesys topic name says. */
export type Topic =
  /** `v2.detail.events.conversation.{id}.customer.start`: one thing that happened. */
  | { readonly kind: 'detail'; readonly conversationId: string; readonly topic: string }
  /** `v2.users.{id}.conversations.calls`, `v2.routing.queues.{id}.conversations`: the whole conversation, again at each change. */
  | { readonly kind: 'snapshot'; readonly topic: string }
  | { readonly kind: 'other' }

export const detailTopic = /^v2\.detail\.events\.conversation\.([^.]+)\.([a-z.]+)$/
export const snapshotTopic = /^v2\.(users|routing\.queues)\.[^.]+\.conversations((?:\.[a-z]+)?)$/

/** Reads a topic name; EventBridge's `detail-type` has the same form with a literal `{id}`. */
export function parseTopic(name: string): Topic {
  const detailMatch = detailTopic.exec(name)
  if (detailMatch?.[1] !== undefined && detailMatch[2] !== undefined) {
    return { kind: 'detail', conversationId: detailMatch[1], topic: detailMatch[2] }
  }
  const snapshotMatch = snapshotTopic.exec(name)
  if (snapshotMatch !== null)
    return { kind: 'snapshot', topic: `${snapshotMatch[1]}.conversations${snapshotMatch[2]}` }
  return { kind: 'other' }
}

/** A Map: topics are the sender's text, and `constructor` is a property of every object. */
const purposes: ReadonlyMap<string, string> = new Map([
  ['customer', 'customer'],
  ['user', 'agent'],
  ['acw', 'agent'],
  ['wrapup', 'agent'],
  ['acd', 'acd'],
  ['voicemail', 'voicemail'],
])

/**
 * The purpose of the participant a detail topic speaks of, where the topic alone decides it. `flow.*`,
 * `outbound`, `contact` and `attributes` happen to participants of several purposes and decide nothing.
 */
export const purposeOfTopic = (topic: string | undefined): string | undefined =>
  topic === undefined ? undefined : purposes.get(topic.split('.', 1)[0] ?? '')
