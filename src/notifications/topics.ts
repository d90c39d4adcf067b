import { parseTopic } from '../ingest/envelopes/topics.ts'

/** Genesys Cloud's limit for one channel. */
export const maxTopicsPerChannel = 1_000
/**
 * Genesys Cloud's limit is 20 for a user and application; one more ends another. One is left free, so that a new channel can
 * replace one before that ends.
 */
export const maxChannels = 19
export const maxTopics = maxChannels * maxTopicsPerChannel

export const queueTopic = (queueId: string): string => `v2.routing.queues.${queueId}.conversations`

/** Whether the service understands the messages of a topic. The `{id}` of the documentation is not an id. */
export const isConversationTopic = (topic: string): boolean =>
  /^[A-Za-z0-9_.-]+$/.test(topic) && parseTopic(topic).kind !== 'other'

export const channelsFor = (topics: number): number => Math.ceil(topics / maxTopicsPerChannel)

/** The topics of each channel: as few channels as possible, each topic once. */
export function planChannels(topics: readonly string[]): readonly (readonly string[])[] {
  const distinct = [...new Set(topics)]
  return Array.from({ length: channelsFor(distinct.length) }, (_, index) =>
    distinct.slice(index * maxTopicsPerChannel, (index + 1) * maxTopicsPerChannel),
  )
}
