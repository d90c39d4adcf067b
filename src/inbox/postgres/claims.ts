import {
  type Claim,
  type KnownValues,
  maxBytesPerClaim,
  maxEventsPerClaim,
  type ParticipantKey,
  type PendingEvent,
} from '../inbox.ts'
import type { Query } from './connections.ts'
import { type KnownRow, knownValuesOf, readKnown } from './known-values.ts'
import { type Leases, participantText } from './leases.ts'

interface ClaimsDeps {
  readonly query: Query
  readonly client: string
  readonly leases: Leases
  /** Ms of a clock that never jumps. */
  readonly monotonic: () => number
}

interface Row {
  readonly conversation_id: string
  readonly participant_id: string
  readonly failure_code: string | null
  readonly failure_attempts: number
  /** Position among the most urgent and among the longest waiting participants. */
  readonly urgent: number | null
  readonly oldest: number | null
  /** Only in the first row of a participant. */
  readonly known: readonly KnownRow[] | null
  readonly sequence: number
  readonly accepted_at: number
  readonly replayed_at: number | null
  readonly event: string
}

/** A participant that was read, with what its claim needs. */
interface Candidate extends Omit<Claim, 'lease' | 'events'> {
  readonly rows: Row[]
  readonly urgent: number | null
  readonly oldest: number | null
}

/**
 * One of this many claims takes the participant that has waited longest, so that a constant flow of urgent events
 * does not starve the others. Participants with only replayed events take no part in this.
 */
const fairnessEvery = 8
/** Most participants to read ahead of their claims. */
const maxReadAhead = 64
const maxPerRead = 1_000
/**
 * Longest wait of a retry: the service obeys a Retry-After of up to an hour. An earlier process wrote a due time
 * further ahead, before the clock was set back.
 */
const maxDeferMs = 3_660_000

const sql = 'SELECT * FROM inbox_claim_1($1, $2, $3, $4, $5, $6, $7, $8)'

/**
 * A claim is a lease in memory. One round trip reads participants for many claims: twice as many as were claimed between the last
 * two reads, since every change of the inbox makes what was read ahead useless.
 */
export function createClaims({ query, client, leases, monotonic }: ClaimsDeps) {
  let candidates = new Map<string, Candidate>()
  /** The server had more claimable participants than were read. */
  let hasMore = true
  let changes = 0
  let arrivals = 0
  let claimedSinceRead = 0
  let claimed = 0
  let turn: Promise<unknown> = Promise.resolve()

  /** Runs one at a time: claims and changes by other participants' leases. */
  function exclusively<Result>(run: () => Promise<Result>): Promise<Result> {
    const result = turn.then(run)
    turn = result.catch(() => {})
    return result
  }

  function changed(): void {
    changes += 1
    candidates = new Map()
    hasMore = true
  }

  async function read(wanted: number): Promise<void> {
    for (;;) {
      const before = changes + arrivals
      const at = monotonic()
      const ahead = Math.min(maxReadAhead, 2 * claimedSinceRead)
      const urgent = Math.min(maxPerRead, Math.max(wanted, ahead, 1))
      const oldest = Math.ceil(urgent / fairnessEvery) + 1
      const limits = [urgent, oldest, maxEventsPerClaim, maxBytesPerClaim, maxDeferMs]
      const rows = await query<Row & Record<string, unknown>>(sql, [client, at, leases.asJson(at), ...limits])
      claimedSinceRead = 0
      candidates = toCandidates(rows)
      hasMore = candidates.size > 0
      if (before === changes + arrivals) return
      // Something changed meanwhile: what was read may be used now, but not later. An empty answer may be wrong.
      if (candidates.size > 0) return
    }
  }

  /** The next participant of what was read, and removes it. */
  function take(at: number): Candidate | undefined {
    const isDue = (claimed + 1) % fairnessEvery === 0
    const free = [...candidates.values()].filter(({ key }) => !leases.isLeased(key, at))
    const first = (rank: 'urgent' | 'oldest') => {
      let best: Candidate | undefined
      for (const candidate of free)
        if (candidate[rank] !== null && (best === undefined || Number(candidate[rank]) < Number(best[rank])))
          best = candidate
      return best
    }
    const candidate = (isDue ? first('oldest') : undefined) ?? first('urgent') ?? first('oldest')
    if (candidate !== undefined) candidates.delete(participantText(candidate.key))
    return candidate
  }

  async function claim({ limit, leaseMs }: { limit: number; leaseMs: number }): Promise<Claim[]> {
    const claims: Claim[] = []
    while (claims.length < limit) {
      const before = changes
      if (candidates.size === 0 && hasMore) {
        try {
          await read(limit - claims.length)
        } catch (error) {
          if (claims.length > 0) break // they have their leases
          throw error
        }
      }
      const at = monotonic()
      const candidate = take(at)
      if (candidate === undefined) {
        if (candidates.size === 0 && !hasMore) break
        changed()
        continue
      }
      const { rows, key, known, failure } = candidate
      claims.push({ key, known, failure, lease: leases.take(key, leaseMs, at), events: rows.map(toPending) })
      claimed += 1
      claimedSinceRead += 1
      if (before !== changes) candidates = new Map()
    }
    hasMore = true // new participants, and expired leases
    return claims
  }

  return {
    claim: (request: { limit: number; leaseMs: number }) => exclusively(() => claim(request)),
    borrow: ({ key, leaseMs }: { key: ParticipantKey; leaseMs: number }): Promise<Claim | undefined> =>
      exclusively(async () => {
        if (leases.isLeased(key, monotonic())) return undefined
        const known = knownValuesOf(await readKnown(query, client, key))
        const at = monotonic()
        if (leases.isLeased(key, at)) return undefined
        candidates.delete(participantText(key))
        return { key, known, failure: undefined, events: [], lease: leases.take(key, leaseMs, at) }
      }),
    /** Runs a change of pending events of participants without a lease: no claim takes one of them meanwhile. */
    exclusively: <Result>(run: () => Promise<Result>): Promise<Result> =>
      exclusively(async () => {
        try {
          return await run()
        } finally {
          changed()
        }
      }),
    /** Forgets what was read ahead. */
    changed,
    /** Another node stored events. What was read ahead may be used: these events come with a later claim. */
    moreArrived: (): void => {
      arrivals += 1
      hasMore = true
    },
  }
}

function toCandidates(rows: readonly Row[]): Map<string, Candidate> {
  const candidates = new Map<string, Candidate>()
  for (const row of rows) {
    const key = { conversationId: row.conversation_id, participantId: row.participant_id }
    const text = participantText(key)
    const known = candidates.get(text)
    if (known !== undefined) {
      known.rows.push(row)
      continue
    }
    const { failure_code: code, failure_attempts: attempts, urgent, oldest } = row
    const failure = code === null ? undefined : { code, attempts }
    candidates.set(text, { key, known: toKnown(row), failure, rows: [row], urgent, oldest })
  }
  return candidates
}

const toKnown = ({ known }: Row): KnownValues => knownValuesOf(known ?? [])

function toPending({ sequence, accepted_at: acceptedAt, replayed_at: replayedAt, event }: Row): PendingEvent {
  const pending = { sequence, acceptedAt, event: JSON.parse(event) }
  return replayedAt === null ? pending : { ...pending, replayedAt }
}
