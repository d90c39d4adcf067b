import type { Claim, Outcome, Settlement } from '../inbox.ts'
import { createBatches } from './batches.ts'
import type { Parameter, Query } from './connections.ts'
import type { Leases } from './leases.ts'

interface SettlementsDeps {
  readonly query: Query
  readonly client: string
  readonly leases: Leases
  /** The epoch of this node's ownership of the delivery; undefined: it has lost it. */
  readonly epoch: () => number | undefined
  /** Epoch ms. */
  readonly now: () => number
  /** Ms of a clock that never jumps. Due times are stored by it, so that a jump of the wall clock does not change a wait. */
  readonly monotonic: () => number
}

interface Settling {
  readonly claim: Claim
  readonly settlement: Settlement
}

/** Most events and known values in one statement. */
const maxRows = 2_000

/** PostgreSQL stores no NUL character. */
export const withoutNul = (text: string): string => text.replaceAll('\u0000', '\ufffd')
const orNull = (text: string | undefined): string | null => (text === undefined ? null : withoutNul(text))

const parameterCount = 26
const placeholders = Array.from({ length: parameterCount }, (_, index) => `$${index + 1}`).join(', ')
const sql = `SELECT inbox_settle_2(${placeholders}) AS settled`

/** Records outcomes, retries and known values. All settlements that wait share one statement, which is one transaction. */
export function createSettlements(deps: SettlementsDeps) {
  const { query, client, leases, epoch, now, monotonic } = deps

  async function settleAll(batch: readonly Settling[]): Promise<('settled' | 'lease_lost')[]> {
    const at = monotonic()
    const held = batch.filter(({ claim }) => leases.startSettling(claim, at))
    const isOwner = held.length === 0 || (await write(held))
    const settled = new Set(isOwner ? held : [])
    for (const { claim } of held) leases.release(claim)
    return batch.map((each) => (settled.has(each) ? 'settled' : 'lease_lost'))
  }

  async function write(held: readonly Settling[]): Promise<boolean> {
    const ownEpoch = epoch()
    if (ownEpoch === undefined) return false
    const toMonotonic = (dueAt: number) => Math.round(monotonic() + (dueAt - now()))
    try {
      const parameters = [client, ownEpoch, now(), ...parametersOf(held, toMonotonic)]
      const [row] = await query<{ settled: boolean }>(sql, parameters)
      return row?.settled === true
    } catch (error) {
      for (const { claim } of held) leases.settlingFailed(claim)
      throw error
    }
  }

  return createBatches<Settling, 'settled' | 'lease_lost'>({
    work: settleAll,
    maxWeight: maxRows,
    weightOf: ({ settlement: { outcomes, attempted, known } }) =>
      1 + outcomes.length + (attempted?.length ?? 0) + (known?.size ?? 0),
    gather: (run) => setImmediate(run),
  })
}

/** The parameters of `inbox_settle_2` after the third one. */
function parametersOf(held: readonly Settling[], toMonotonic: (dueAt: number) => number): Parameter[] {
  const participants = held.filter(
    ({ settlement: { outcomes, retry } }) => outcomes.length > 0 || retry !== undefined,
  )
  const outcomes = held.flatMap(({ settlement }) => outcomesOf(settlement))
  const settledSequences = new Set(outcomes.map(({ sequence }) => sequence))
  const attempted = held
    .flatMap(({ settlement }) => settlement.attempted ?? [])
    .filter((sequence) => !settledSequences.has(sequence))
  const known = held.flatMap(({ claim: { key }, settlement }) =>
    [...(settlement.known ?? [])].map(([attribute, value]) => ({ key, attribute, ...value })),
  )
  return [
    participants.map(({ claim }) => claim.key.conversationId),
    participants.map(({ claim }) => claim.key.participantId),
    participants.map(({ settlement: { retry } }) => (retry === undefined ? null : toMonotonic(retry.dueAt))),
    participants.map(({ settlement: { retry } }) => orNull(retry?.failure.code)),
    participants.map(({ settlement: { retry } }) => retry?.failure.attempts ?? 0),
    outcomes.map(({ sequence }) => sequence),
    outcomes.map(({ state }) => state),
    // An unchanged event has no code: the column holds its reason.
    outcomes.map(({ code, reason }) => code ?? reason ?? null),
    outcomes.map(({ detail }) => orNull(detail)),
    outcomes.map(({ called }) => called),
    outcomes.map(({ decision }) => decision),
    outcomes.map(({ patch }) => patch),
    outcomes.map(({ record }) => record?.api?.status ?? null),
    outcomes.map(({ record }) => orNull(record?.api?.correlationId)),
    outcomes.map(({ record }) => record?.targetId ?? null),
    attempted,
    known.map(({ key }) => key.conversationId),
    known.map(({ key }) => key.participantId),
    known.map(({ attribute }) => JSON.stringify(attribute)),
    known.map(({ value }) => JSON.stringify(value)),
    known.map(({ decidedAt }) => decidedAt),
    known.map(({ sequence }) => sequence),
    known.map(({ knownAt }) => knownAt),
  ]
}

interface SettledOutcome extends Outcome {
  /** 1: a call was made for the event. */
  readonly called: number
  /** JSON. */
  readonly decision: string | null
  /** The sequence of the first event of the same PATCH. */
  readonly patch: number | null
}

function outcomesOf({ outcomes, attempted = [] }: Settlement): SettledOutcome[] {
  const called = new Set(attempted)
  const patch = outcomes.find(({ record }) => record?.inPatch === true)?.sequence ?? null
  return outcomes.map((outcome) => ({
    ...outcome,
    called: called.has(outcome.sequence) ? 1 : 0,
    decision: decisionText(outcome),
    patch: outcome.record?.inPatch === true ? patch : null,
  }))
}

function decisionText({ record }: Outcome): string | null {
  if (record === undefined || record.rules.length + record.attributeNames.length === 0) return null
  return JSON.stringify([record.rules, record.attributeNames])
}
