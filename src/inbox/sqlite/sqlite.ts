import type { Claim, Inbox, Retry, Settlement } from '../inbox.ts'
import { createAppend } from './append.ts'
import { createClaim } from './claim.ts'
import { createCounters } from './counters.ts'
import { createDeadLetters } from './dead-letters.ts'
import { createGroupCommit } from './group-commit.ts'
import { createHousekeeping } from './housekeeping.ts'
import { createLeases } from './leases.ts'
import { explain, type OpenDatabase, openDatabase } from './open.ts'
import { createSettle } from './settle.ts'

export interface SqliteInboxOptions {
  readonly file: string
  readonly maxPending: number
  /** Epoch ms; what is stored goes by it. */
  readonly now: () => number
  /** The same by a clock that never jumps, for leases and for times that are waited for; default `now`. */
  readonly monotonic?: () => number
}

/** No retry waits that long: a time further ahead was written by an earlier process, before the clock was set back. */
const maxDeferMs = 60_000

/** About what a batch of events takes. */
const probeBytes = 262_144

/** The embedded inbox: one file, one process. Throws `InboxOpenError` if the file cannot be used. */
export function openSqliteInbox(options: SqliteInboxOptions): Inbox {
  const opened = openDatabase(options.file)
  try {
    return createInbox(opened, options)
  } catch (error) {
    opened.close() // or the file would stay locked
    throw explain(error, options.file)
  }
}

function createInbox(
  { database, close }: OpenDatabase,
  { maxPending, now, monotonic = now }: SqliteInboxOptions,
): Inbox {
  const counters = createCounters(database)
  const leases = createLeases(monotonic)
  const commits = createGroupCommit(database, counters)
  const append = createAppend({ database, counters, maxPending, now })
  const { claim, borrow } = createClaim({ database, leases })
  const settle = createSettle({ database, counters, now })
  const housekeeping = createHousekeeping({ database, counters, leases, settle })
  const deadLetters = createDeadLetters(database)
  const firstDue = database.prepare('SELECT min(due_at) FROM participants WHERE due_at IS NOT NULL').pluck()
  const lastDue = database.prepare('SELECT max(due_at) FROM participants WHERE due_at IS NOT NULL').pluck()
  const promoteDue = database.prepare<[number, number]>(
    'UPDATE participants SET due_at = NULL WHERE due_at <= ? OR due_at > ?',
  )
  const ended = database.prepare<[string]>('UPDATE participants SET ended = 1 WHERE conversation_id = ?')
  const oldest = database.prepare("SELECT min(accepted_at) FROM events WHERE state = 'pending'").pluck()
  const probe = database.prepare<[number, number]>(
    'INSERT OR REPLACE INTO write_probe VALUES (1, ?, zeroblob(?))',
  )
  const listeners = new Set<() => void>()
  const toNumber = (value: unknown): number | undefined => (value === null ? undefined : Number(value))
  const announce = () => {
    for (const listener of listeners) listener()
  }

  // What is waited for goes by the clock that never jumps, whatever happens to the other one meanwhile.
  const waited = (retry: Retry): Retry => ({ ...retry, dueAt: monotonic() + (retry.dueAt - now()) })

  async function settleClaim(
    { key, lease }: Claim,
    settlement: Settlement,
  ): Promise<'settled' | 'lease_lost'> {
    const { outcomes, known, retry } = settlement
    const nothingToRecord = outcomes.length === 0 && retry === undefined && known === undefined
    const result = nothingToRecord
      ? leases.holds(key, lease)
      : await commits.write(() => {
          if (!leases.holds(key, lease)) return false
          settle.finish(outcomes)
          if (known !== undefined) settle.remember(key, known)
          if (outcomes.length > 0 || retry !== undefined) settle.refreshKey(key, retry && waited(retry))
          return true
        })
    leases.release(key, lease)
    announce()
    return result ? 'settled' : 'lease_lost'
  }

  let closing: Promise<void> | undefined
  return {
    append: async (events) => {
      const result = await commits.write(() => append(events))
      if (result.kind === 'appended' && result.results.includes('accepted')) announce()
      return result
    },
    claim: async (request) => {
      const due = toNumber(firstDue.get())
      const at = monotonic()
      const isDue = due !== undefined && (due <= at || Number(lastDue.get()) > at + maxDeferMs)
      if (isDue) await commits.write(() => promoteDue.run(at, at + maxDeferMs))
      return claim(request)
    },
    borrow: async (request) => borrow(request),
    settle: settleClaim,
    noteEnded: (conversationIds) =>
      commits.write(() => {
        for (const id of conversationIds) ended.run(id)
      }),
    nextDueAt: async () => {
      const due = toNumber(firstDue.get())
      return due === undefined ? undefined : now() + (due - monotonic())
    },
    expire: (request) => commits.write(() => housekeeping.expire(request)),
    prune: async (request) => {
      const forgotten = await commits.write(() => housekeeping.prune(request))
      if (forgotten > 0) database.pragma('incremental_vacuum(1000)')
      return forgotten
    },
    stats: async () => ({
      pending: counters.pending,
      inFlight: leases.inForce(),
      dead: counters.dead,
      oldestAcceptedAt: toNumber(oldest.get()),
    }),
    deadLetters: async (query) => deadLetters(query),
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
