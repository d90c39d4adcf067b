import type { Inbox } from '../inbox.ts'
import type { FileGuard } from './file-guard.ts'

/** The inbox whose files are guarded: it refuses events while they are lost. Delivery of the events that it has goes on. */
export function createGuardedInbox(guard: FileGuard, onWork: Inbox['onWork']): Inbox {
  const { read, write, requireFiles } = guard
  return {
    append: async (events) => {
      requireFiles()
      const result = await write((inbox) => inbox.append(events))
      requireFiles() // noticed meanwhile: the events are saved, and the sender's second request finds duplicates
      return result
    },
    claim: (request) => write((inbox) => inbox.claim(request)),
    borrow: (request) => write((inbox) => inbox.borrow(request)),
    settle: (claim, settlement) => write((inbox) => inbox.settle(claim, settlement)),
    noteEnded: (conversationIds) => write((inbox) => inbox.noteEnded(conversationIds)),
    nextDueAt: async () => read().nextDueAt(),
    expire: (request) => write((inbox) => inbox.expire(request)),
    prune: (request) => write((inbox) => inbox.prune(request)),
    stats: async () => read().stats(),
    events: async (query) => read().events(query),
    event: async (identity) => read().event(identity),
    replay: async (selection) => {
      requireFiles()
      return write((inbox) => inbox.replay(selection))
    },
    drop: async (selection) => {
      requireFiles()
      return write((inbox) => inbox.drop(selection))
    },
    deliveryPause: async () => read().deliveryPause(),
    setDeliveryPause: async (pause) => {
      requireFiles()
      await write((inbox) => inbox.setDeliveryPause(pause))
    },
    deadLetters: async (query) => read().deadLetters(query),
    countDeadLetters: async (match) => read().countDeadLetters(match),
    checkWritable: async () => {
      requireFiles()
      await write((inbox) => inbox.checkWritable())
    },
    onWork,
    close: guard.close,
  }
}
