import type { Claim, Inbox, Retry, Settlement } from '../inbox.ts'
import { createAppend } from './append.ts'
import { createClaim } from './claim.ts'
import { createCounters } from './counters.ts'
import { createDeadLetters } from './dead-letters.ts'
import { createDeferred } from './deferred.ts'
import { createGroupCommit } from './group-commit.ts'
import { createHousekeeping } from './housekeeping.ts'
import { createIdentities } from './identities.ts'
import { createKnownValues } from './known-values.ts'
import { createLeases } from './leases.ts'
import { type OpenDatabase, openDatabase, toInboxOpenError } from './open.ts'
import { createParticipants } from './participants.ts'
import { createSettle } from './settle.ts'

export interface SqliteInboxOptions {
  readonly file: string
  readonly maxPending: number
  /** Epoch ms, for stored times. */
  readonly now: () => number
  /** Ms of a clock that never jumps, for leases and due times; default `now`. */
  readonly monotonic?: () => number
}

/** About the size of a batch of events. */
const probeBytes = 262_144

/** Opens the SQLite inbox: one file, one process. Throws `InboxOpenError`. */
export function openSqliteInbox(options: SqliteInboxOptions): Inbox {
  const opened = openDatabase(options.file)
  try {
    return createInbox(opened, options)
  } catch (error) {
    opened.close() // releases the lock of the file
    throw toInboxOpenError(error, options.file)
  }
}

function createInbox(
  { database, close }: OpenDatabase,
  { maxPending, now, monotonic = now }: SqliteInboxOptions,
): Inbox {
  const counters = createCounters(database)
  const leases = createLeases()
  const identities = createIdentities(database)
  const participants = createParticipants(database)
  const known = createKnownValues(database)
  const deferred = createDeferred(database)
  const claims = createClaim({ database, leases, known })
  const indexes = [identities.index, participants.index, known.index]
  const commits = createGroupCommit(database, [counters, deferred, claims, ...indexes])
  const storeIndexes = () => {
    for (const index of indexes) index.store()
  }
  const append = createAppend({ database, identities, participants, counters, maxPending, now })
  const settle = createSettle({ database, participants, counters, now })
  const housekeeping = createHousekeeping({ database, indexes, known, counters, leases, settle })
  const deadLetters = createDeadLetters(database)
  const oldest = database
    .prepare<[], number | null>("SELECT min(accepted_at) FROM events WHERE state = 'pending'")
    .pluck()
  const probe = database.prepare<[number, number]>(
    'INSERT OR REPLACE INTO write_probe VALUES (1, ?, zeroblob(?))',
  )
  const listeners = new Set<() => void>()
  const notifyListeners = () => {
    for (const listener of listeners) listener()
  }

  // Due times are stored by the monotonic clock, so that a jump of the wall clock does not change a wait.
  const toMonotonic = (retry: Retry): Retry => ({ ...retry, dueAt: monotonic() + (retry.dueAt - now()) })

  async function settleClaim(
    { key, lease }: Claim,
    settlement: Settlement,
  ): Promise<'settled' | 'lease_lost'> {
    const { outcomes, retry } = settlement
    const nothingToRecord = outcomes.length === 0 && retry === undefined && settlement.known === undefined
    const result = nothingToRecord
      ? leases.holds(key, lease, monotonic())
      : await commits.write(() => {
          if (!leases.holds(key, lease, monotonic())) return false
          storeIndexes()
          settle.finish(outcomes)
          if (settlement.known !== undefined) known.remember(key, settlement.known)
          if (outcomes.length > 0 || retry !== undefined) settle.refreshKey(key, retry && toMonotonic(retry))
          return true
        })
    leases.release(key, lease)
    claims.discardReadAhead()
    notifyListeners()
    return result ? 'settled' : 'lease_lost'
  }

  let closing: Promise<void> | undefined
  return {
    append: async (events) => {
      const result = await commits.write(() => {
        storeIndexes()
        return append(events)
      })
      if (result.kind === 'appended' && result.results.includes('accepted')) notifyListeners()
      return result
    },
    claim: async (request) => {
      const at = monotonic()
      if (commits.read(() => deferred.isDue(at))) await commits.write(() => deferred.promote(at))
      return commits.read(() => claims.claim(request, monotonic()))
    },
    borrow: async (request) => commits.read(() => claims.borrow(request, monotonic())),
    settle: settleClaim,
    noteEnded: (conversationIds) =>
      commits.write(() => {
        for (const id of conversationIds) participants.noteEnded(id)
      }),
    nextDueAt: async () => {
      const due = commits.read(deferred.first)
      return due === undefined ? undefined : now() + (due - monotonic())
    },
    expire: (request) => commits.write(() => housekeeping.expire(request, monotonic())),
    prune: async (request) => {
      const forgotten = await commits.write(() => housekeeping.prune(request))
      if (forgotten > 0) commits.outside(() => database.pragma('incremental_vacuum(1000)'))
      return forgotten
    },
    stats: async () => ({
      pending: counters.pending,
      inFlight: leases.unexpired(monotonic()),
      dead: counters.dead,
      oldestAcceptedAt: commits.read(() => oldest.get() ?? undefined),
    }),
    deadLetters: async (query) => commits.read(() => deadLetters(query)),
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
