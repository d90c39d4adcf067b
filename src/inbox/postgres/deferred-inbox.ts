import type { Inbox, Nodes } from '../inbox.ts'

interface DeferredDeps {
  /** The open inbox. Throws `InboxUnavailableError` while there is none. */
  readonly current: () => Inbox
  readonly onWork: Inbox['onWork']
  /** Converts a failure of the server into one that names cause and remedy. */
  readonly toFailure: (error: unknown) => unknown
  readonly nodes: Nodes
  readonly opened: () => Promise<void>
  readonly durability: NonNullable<Inbox['durability']>
  readonly close: () => Promise<void>
}

/** The inbox while its database may not be reachable yet: until it is open, it refuses everything. */
export function createDeferredInbox(deps: DeferredDeps): Inbox {
  const { current, onWork, nodes, opened, durability, close } = deps
  async function run<Result>(call: (inbox: Inbox) => Promise<Result>): Promise<Result> {
    try {
      return await call(current())
    } catch (error) {
      throw deps.toFailure(error)
    }
  }
  return {
    append: (events) => run((inbox) => inbox.append(events)),
    claim: (request) => run((inbox) => inbox.claim(request)),
    borrow: (request) => run((inbox) => inbox.borrow(request)),
    settle: (claim, settlement) => run((inbox) => inbox.settle(claim, settlement)),
    noteEnded: (conversationIds) => run((inbox) => inbox.noteEnded(conversationIds)),
    nextDueAt: () => run((inbox) => inbox.nextDueAt()),
    expire: (request) => run((inbox) => inbox.expire(request)),
    prune: (request) => run((inbox) => inbox.prune(request)),
    stats: () => run((inbox) => inbox.stats()),
    events: (query) => run((inbox) => inbox.events(query)),
    event: (identity) => run((inbox) => inbox.event(identity)),
    deadLetters: (query) => run((inbox) => inbox.deadLetters(query)),
    countDeadLetters: (match) => run((inbox) => inbox.countDeadLetters(match)),
    replay: (selection) => run((inbox) => inbox.replay(selection)),
    drop: (selection) => run((inbox) => inbox.drop(selection)),
    deliveryPause: () => run((inbox) => inbox.deliveryPause()),
    setDeliveryPause: (pause) => run((inbox) => inbox.setDeliveryPause(pause)),
    checkWritable: () => run((inbox) => inbox.checkWritable()),
    onWork,
    nodes,
    opened,
    durability,
    close,
  }
}

/** The nodes of an inbox that opens later. */
export function createDeferredNodes() {
  const changeListeners = new Set<(mayDeliver: boolean) => void>()
  const pauseListeners = new Set<() => void>()
  let open: Nodes | undefined
  const nodes: Nodes = {
    mayDeliver: () => open?.mayDeliver() ?? false,
    epoch: () => open?.epoch(),
    list: () => open?.list() ?? [],
    onChange: (listener) => void changeListeners.add(listener),
    onPause: (listener) => void pauseListeners.add(listener),
    holdSuccessor: (ms) => open?.holdSuccessor(ms),
    handOver: async () => open?.handOver(),
  }
  return {
    nodes,
    /** The inbox is open. */
    attach(opened: Nodes): void {
      open = opened
      opened.onChange((mayDeliver) => {
        for (const listener of changeListeners) listener(mayDeliver)
      })
      opened.onPause(() => {
        for (const listener of pauseListeners) listener()
      })
    },
  }
}
