import type { ConversationEvent } from '../event.ts'
import type { CompiledRule } from './file/compile.ts'

/** Finds the rules that listen to an event. */
export interface Listeners {
  /** In file order. */
  of(event: Pick<ConversationEvent, 'type' | 'topic'>): readonly CompiledRule[]
}

/** Senders choose topics, so the cache has a limit per event type. Topics beyond it are matched each time. */
const maxCachedTopics = 1_000

export function createListeners(rules: readonly CompiledRule[]): Listeners {
  const byType = new Map<string, Map<string, readonly CompiledRule[]>>()
  return {
    of: ({ type, topic = '' }) => {
      const byTopic = byType.get(type) ?? new Map<string, readonly CompiledRule[]>()
      byType.set(type, byTopic)
      const cached = byTopic.get(topic)
      if (cached !== undefined) return cached
      const found = rules.filter(({ on }) => on.some((name) => listensTo(name, type, topic)))
      if (byTopic.size < maxCachedTopics) byTopic.set(topic, found)
      return found
    },
  }
}

/** `name` is a type, a topic, a wildcard for the topics below one (`user.*`), or `*` for everything. */
const listensTo = (name: string, type: string, topic: string): boolean =>
  name === type ||
  name === topic ||
  name === '*' ||
  (name.endsWith('.*') && topic.startsWith(name.slice(0, -1)))
