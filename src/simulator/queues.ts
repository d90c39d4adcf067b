import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { identifier } from './conversation.ts'

export const queueInputSchema = z.strictObject({
  id: identifier.optional(),
  name: z.string().min(1),
})

/** A queue to simulate; `id` defaults to a UUID. */
export type QueueInput = z.input<typeof queueInputSchema>

export interface QueueView {
  readonly id: string
  readonly name: string
}

export interface QueueFilter {
  readonly name?: string | undefined
  readonly ids?: readonly string[] | undefined
}

export interface Queues {
  upsert(input: QueueInput): QueueView
  has(id: string): boolean
  /** Sorted by name. A name matches if it contains the text in any letter case; how Genesys compares is unverified. */
  find(filter: QueueFilter): readonly QueueView[]
}

/** The queues of the simulated organization. When lenient, `find` creates unknown queues. */
export function createQueues({ strict }: { strict: boolean }): Queues {
  const queues = new Map<string, QueueView>()

  function upsert({ id = randomUUID(), name }: QueueInput): QueueView {
    const queue = { id, name }
    queues.set(id, queue)
    return queue
  }

  function matching({ name, ids }: QueueFilter): QueueView[] {
    return [...queues.values()].filter(
      (queue) =>
        (name === undefined || queue.name.toLowerCase().includes(name.toLowerCase())) &&
        (ids === undefined || ids.includes(queue.id)),
    )
  }

  return {
    upsert,
    has: (id) => !strict || queues.has(id),
    find(filter) {
      if (!strict) {
        const known = matching(filter)
        for (const id of filter.ids ?? []) if (!queues.has(id)) upsert({ id, name: id })
        if (filter.name !== undefined && known.length === 0) upsert({ name: filter.name })
      }
      return matching(filter).sort((a, b) => a.name.localeCompare(b.name))
    },
  }
}
