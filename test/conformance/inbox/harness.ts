import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { Claim, Inbox, KnownValue, KnownValues, Outcome } from '../../../src/inbox/inbox.ts'
import { type ManualClock, manualClock } from '../../simulator/harness.ts'

/** The storage of one inbox: empty at first. A reopened inbox has the stored data. */
export interface InboxStore {
  open(options: { maxPending: number; now: () => number; monotonic: () => number }): Promise<Inbox>
  /** Called once, after every inbox on it is closed. */
  remove(): Promise<void>
}

export type MakeInboxStore = () => Promise<InboxStore>

/** Longer than any test. */
export const leaseMs = 60_000

export interface InboxUnderTest {
  /** The open inbox; `reopen` replaces it. */
  readonly inbox: Inbox
  readonly clock: ManualClock
  /** Sets the wall clock without any time passing. */
  jump(ms: number): void
  reopen(): Promise<void>
  /** Claims everything that is claimable now. */
  claimAll(): Promise<readonly Claim[]>
  /** Claims the only claimable participant. */
  claimOne(): Promise<Claim>
}

/** A new inbox, closed and removed after the test. */
export async function openInbox(
  t: Pick<TestContext, 'after'>,
  makeStore: MakeInboxStore,
  { maxPending = 1_000 }: { maxPending?: number } = {},
): Promise<InboxUnderTest> {
  const clock = manualClock()
  const store = await makeStore()
  let jumped = 0
  const options = { maxPending, now: () => clock.now() + jumped, monotonic: clock.now }
  let inbox = await store.open(options)
  t.after(async () => {
    await inbox.close()
    await store.remove()
  })
  const claimAll = () => inbox.claim({ limit: 1_000, leaseMs })
  return {
    get inbox() {
      return inbox
    },
    clock,
    jump: (ms) => {
      jumped += ms
    },
    reopen: async () => {
      await inbox.close()
      inbox = await store.open(options)
    },
    claimAll,
    claimOne: async () => {
      const [claim, ...others] = await claimAll()
      assert.ok(claim !== undefined, 'nothing is claimable')
      assert.deepEqual(others, [])
      return claim
    },
  }
}

export const identitiesOf = ({ events }: Claim): string[] => events.map(({ event }) => event.identity)

export const participantsOf = (claims: readonly Claim[]): string[] =>
  claims.map(({ key }) => key.participantId)

/** The same outcome for every event of a claim. */
export const all = (claim: Claim, outcome: Omit<Outcome, 'sequence'>): Outcome[] =>
  claim.events.map(({ sequence }) => ({ sequence, ...outcome }))

export const dead = { state: 'dead', code: 'rejected', detail: 'as Genesys said' } as const

export const knownValue = (value: string, fields: Partial<KnownValue> = {}): KnownValue => ({
  value,
  decidedAt: 1,
  sequence: 1,
  knownAt: 1,
  ...fields,
})

export const knownValues = (values: Record<string, KnownValue>): KnownValues =>
  new Map(Object.entries(values))

export async function statesOf({ inbox }: InboxUnderTest): Promise<[pending: number, dead: number]> {
  const { pending, dead } = await inbox.stats()
  return [pending, dead]
}
