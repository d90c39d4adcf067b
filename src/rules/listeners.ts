import type { ConversationEvent } from '../event.ts'
import type { CompiledRule } from './file/compile.ts'

/** Finds the rules that listen to an event. */
export interface Listeners {
  /** In file order. */
  of(event: Pick<ConversationEvent, 'type' | 'topic'>): readonly CompiledRule[]
}

/** Senders choose topics: what was looked for is remembered for that many, and looked for again beyond. */
const maxRemembered = 1_000

export function createListeners(rules: readonly CompiledRule[]): Listeners {
  const byType = new Map<string, Map<string, readonly CompiledRule[]>>()
  return {
    of: ({ type, topic = '' }) => {
      const byTopic = byType.get(type) ?? new Map<string, readonly CompiledRule[]>()
      byType.set(type, byTopic)
      const remembered = byTopic.get(topic)
      if (remembered !== undefined) return remembered
      const found = rules.filter(({ on }) => on.some((name) => listensTo(name, type, topic)))
      if (byTopic.size < maxRemembered) byTopic.set(topic, found)
      return found
    },
  }
}

/** A type, a topic, all topics below one (`user.*`), or everything (`*`). */
const listensTo = (name: string, type: string, topic: string): boolean =>
  name === type ||
  name === topic ||
  name === '*' ||
  (name.endsWith('.*') && topic.startsWith(name.slice(0, -1)))
