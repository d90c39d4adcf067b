import type { Claim, Inbox, InboxOptions, Retry, Settlement } from '../inbox.ts'
import { unfinishedCopy } from '../transfer/refusals.ts'
import { createClaims, type Leases } from './claims.ts'
import { createDeadLetters } from './dead-letters.ts'
import { createDecisions } from './decisions.ts'
import { createDeliveryPause } from './delivery-pause.ts'
import { createEventHistories } from './event-histories.ts'
import { createEventQueries } from './event-queries.ts'
import { createEvents } from './events.ts'
import { createFileGuard, type Engine } from './file-guard.ts'
import { createGroupCommit } from './group-commit.ts'
import { createGuardedInbox } from './guarded-inbox.ts'
import { createKnownValues } from './known-values.ts'
import { createOauthClient } from './oauth-client.ts'
import { type OpenDatabase, openDatabase, toInboxOpenError } from './open.ts'
import { createParticipants } from './participants.ts'
import { createRecords } from './records.ts'
import { createState } from './transfer/state.ts'

interface SqliteInboxOptions extends Omit<InboxOptions, 'url'> {
  readonly file: string
  /** Time between two checks of the files. Default: one second. */
  readonly checkMs?: number
}

/** In-memory state that outlives an engine: the guard opens the file again after it was lost. */
interface Shared {
  readonly leases: Leases
  readonly listeners: Set<() => void>
}

/** About the size of a batch of events. */
const probeBytes = 262_144

/** Opens the SQLite inbox: one file, one process. Throws `InboxOpenError`. */
export function openSqliteInbox(options: SqliteInboxOptions): Inbox {
  const { now, monotonic = now, onFileNotice, checkMs } = options
  const shared: Shared = { leases: new Map(), listeners: new Set() }
  const open = (file: string) => openEngine({ ...options, file }, shared)
  const guard = createFileGuard(open(options.file), { open, now, monotonic, onFileNotice, checkMs })
  return createGuardedInbox(guard, (listener) => {
    shared.listeners.add(listener)
    return () => shared.listeners.delete(listener)
  })
}

function openEngine(options: SqliteInboxOptions, shared: Shared): Engine {
  const opened = openDatabase(options.file)
  try {
    if (createState(opened.database).get() !== undefined) throw unfinishedCopy(opened.file)
    createOauthClient(opened.database).adopt(options.client)
    return { ...opened, inbox: createInbox(opened, options, shared) }
  } catch (error) {
    opened.close() // releases the lock of the file
    throw toInboxOpenError(error, options.file)
  }
}

function createInbox(
  { database, close }: OpenDatabase,
  { maxPending, now, monotonic = now, moreExpected }: SqliteInboxOptions,
  { leases, listeners }: Shared,
): Inbox {
  const known = createKnownValues(database)
  const claims = createClaims({ database, known, leases })
  const participants = createParticipants(database)
  const decisions = createDecisions(database)
  const records = createRecords(database, decisions)
  const events = createEvents({ database, participants, records, claims, maxPending, now })
  const indexes = [events.index, participants.index, known.index, records.heads]
  const commits = createGroupCommit(database, [events, participants, claims, decisions, ...indexes], {
    moreExpected,
    monotonic,
  })
  const toWallClock = (at: number) => now() + (at - monotonic())
  const historyOf = createEventHistories({ database, records, decisions, toWallClock })
  const queryEvents = createEventQueries({ database, records, participants, historyOf, commits })
  const deadLetters = createDeadLetters({ database, events, decisions, historyOf, queryEvents, commits })
  const pause = createDeliveryPause(database)
  const storeIndexes = () => {
    for (const index of indexes) index.store()
  }
  const probe = database.prepare<[number, number]>(
    'INSERT OR REPLACE INTO write_probe VALUES (1, ?, zeroblob(?))',
  )
  const notifyListeners = () => {
    for (const listener of listeners) listener()
  }

  // Due times are stored by the monotonic clock, so that a jump of the wall clock does not change a wait.
  const toMonotonic = (retry: Retry): Retry => ({ ...retry, dueAt: monotonic() + (retry.dueAt - now()) })

  async function settle(claim: Claim, settlement: Settlement): Promise<'settled' | 'lease_lost'> {
    const { outcomes, retry, attempted = [] } = settlement
    const nothingToRecord =
      outcomes.length + attempted.length === 0 && retry === undefined && settlement.known === undefined
    const result = nothingToRecord
      ? claims.holds(claim, monotonic())
      : await commits.write(() => {
          if (!claims.holds(claim, monotonic())) return false
          storeIndexes()
          events.settle(claim.key.conversationId, settlement, claims.earlierLives(claim))
          if (settlement.known !== undefined) known.remember(claim.key, settlement.known)
          if (outcomes.length > 0 || retry !== undefined)
            participants.settle(claim.key, retry && toMonotonic(retry), now())
          return true
        })
    claims.release(claim)
    notifyListeners()
    return result ? 'settled' : 'lease_lost'
  }

  let closing: Promise<void> | undefined
  return {
    append: async (newEvents) => {
      const result = await commits.write(() => {
        storeIndexes()
        return events.append(newEvents)
      })
      if (result.kind === 'appended' && result.results.includes('accepted')) notifyListeners()
      return result
    },
    claim: async (request) => {
      const at = monotonic()
      if (commits.read(() => participants.isDue(at))) await commits.write(() => participants.promote(at))
      return commits.read(() => claims.claim(request, monotonic()))
    },
    borrow: async (request) => commits.read(() => claims.borrow(request, monotonic())),
    settle,
    noteEnded: (conversationIds) =>
      commits.write(() => {
        for (const id of conversationIds) participants.noteEnded(id)
      }),
    nextDueAt: async () => {
      const due = commits.read(participants.nextDueAt)
      return due === undefined ? undefined : toWallClock(due)
    },
    expire: (request) => commits.write(() => events.expire(request, monotonic())),
    prune: async (request) => {
      const pruned = await commits.write(() => {
        const rows = events.prune(request) + known.prune(request)
        decisions.prune(request)
        for (const index of indexes) index.sweep()
        return rows
      })
      if (pruned > 0) commits.outside(() => database.pragma('incremental_vacuum(1000)'))
      return pruned
    },
    stats: async () => ({
      ...events.counts(),
      inFlight: claims.inFlight(monotonic()),
      ...commits.read(events.oldest),
    }),
    events: queryEvents,
    event: async (identity) =>
      commits.read(() => {
        const sequence = events.find(identity)
        const history = sequence === undefined ? undefined : historyOf(sequence)?.history
        if (history === undefined) return undefined
        const { conversationId, participantId = '' } = history.event
        return { history, known: known.of({ conversationId, participantId }) }
      }),
    deadLetters: deadLetters.list,
    countDeadLetters: deadLetters.count,
    replay: async (selection) => {
      const replayed = await deadLetters.replay(selection)
      if (replayed > 0) notifyListeners()
      return replayed
    },
    drop: deadLetters.drop,
    deliveryPause: async () => commits.read(pause.get),
    setDeliveryPause: (next) => commits.write(() => pause.set(next)),
    checkWritable: async () => {
      if (commits.lastError() !== undefined) await commits.write(() => probe.run(now(), probeBytes))
    },
    onWork: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close: () => {
      closing ??= commits.idle().then(close)
      return closing
    },
  }
}
