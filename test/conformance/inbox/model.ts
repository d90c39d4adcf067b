import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Claim, priorities } from '../../../src/inbox/inbox.ts'
import { newEvent } from '../../helpers/conversation-events.ts'
import { rounds } from '../../helpers/rounds.ts'
import {
  identitiesOf,
  knownValue,
  knownValues,
  type MakeInboxStore,
  openInbox,
  participantsOf,
} from './harness.ts'
import { ReferenceInbox, type ReferenceLease } from './reference.ts'

const maxPending = 8
const leaseMs = 100
const shortTime = fc.integer({ min: 0, max: 150 })

const event = fc.record({
  identity: fc.integer({ min: 0, max: 20 }).map((n) => `e${n}`),
  participant: fc.constantFrom('p0', 'p1', 'p2'),
  priority: fc.constantFrom(...Object.values(priorities)),
})
const state = fc.constantFrom('applied', 'unchanged', 'dead')
const action = fc.oneof(
  { weight: 4, arbitrary: fc.record({ append: fc.array(event, { minLength: 1, maxLength: 5 }) }) },
  { weight: 3, arbitrary: fc.record({ claim: fc.integer({ min: 1, max: 3 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      /** Index of a claim, counted from the latest: mostly one whose lease is still valid. */
      settle: fc.integer({ min: 0, max: 3 }),
      outcomes: fc.array(fc.option(state), { maxLength: 6 }),
      known: fc.option(fc.constantFrom('gold', 'silver')),
      retryInMs: fc.option(shortTime),
      attempted: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ advance: shortTime }) },
  { weight: 1, arbitrary: fc.record({ expireOlderThan: shortTime }) },
  { weight: 1, arbitrary: fc.record({ pruneOlderThan: shortTime }) },
  { weight: 1, arbitrary: fc.record({ replay: fc.option(fc.integer({ min: 0, max: 20 })) }) },
  { weight: 1, arbitrary: fc.record({ drop: fc.integer({ min: 0, max: 20 }) }) },
  { weight: 1, arbitrary: fc.constant({ reopen: true }) },
)

/** `runs`: fewer for an engine whose `reopen` takes long. */
export function model(makeStore: MakeInboxStore, runs: number): void {
  test('random calls give the same results as the reference inbox', async () => {
    const property = fc.asyncProperty(
      fc.array(action, { minLength: 10, maxLength: 60, size: 'max' }),
      async (actions) => {
        const releases: (() => unknown)[] = []
        try {
          await play(actions, makeStore, (release) => releases.push(release))
        } finally {
          for (const release of releases) await release()
        }
      },
    )
    await fc.assert(property, { numRuns: rounds(runs) })
  })
}

type Action = typeof action extends fc.Arbitrary<infer T> ? T : never

async function play(
  actions: readonly Action[],
  makeStore: MakeInboxStore,
  after: (release: () => unknown) => void,
): Promise<void> {
  const subject = await openInbox({ after: (release) => after(release as () => unknown) }, makeStore, {
    maxPending,
  })
  const { clock } = subject
  const reference = new ReferenceInbox(maxPending)
  const claimed: { claim: Claim; lease: ReferenceLease }[] = []

  for (const step of actions) {
    const { inbox } = subject
    if ('append' in step) {
      const events = step.append.map(({ identity, participant, priority }) =>
        newEvent(identity, { participantId: participant }, priority),
      )
      assert.deepEqual(await inbox.append(events), reference.append(step.append, clock.now()))
    } else if ('claim' in step) {
      const claims = await inbox.claim({ limit: step.claim, leaseMs })
      const claimable = reference.claimable(clock.now())
      assert.equal(claims.length, Math.min(step.claim, claimable.length))
      for (const claim of claims) {
        const { participantId } = claim.key
        assert.ok(claimable.includes(participantId), participantId)
        const expected = reference.claim(participantId, leaseMs, clock.now())
        const seen = {
          participant: participantId,
          identities: identitiesOf(claim),
          known: claim.known.get('tier')?.value,
          failure: claim.failure,
        }
        assert.deepEqual(seen, expected.claim)
        claimed.push({ claim, lease: expected.lease })
      }
      assert.equal(new Set(participantsOf(claims)).size, claims.length)
    } else if ('settle' in step) {
      const which = claimed.at(-1 - step.settle)
      if (which === undefined) continue
      const { claim, lease } = which
      const outcomes = claim.events.flatMap(({ sequence, event: { identity } }, index) => {
        const state = step.outcomes[index]
        return state === undefined || state === null ? [] : [{ sequence, identity, state }]
      })
      const failure = { code: 'conflict', attempts: (claim.failure?.attempts ?? 0) + 1 }
      const retry = step.retryInMs === null ? undefined : { dueAt: clock.now() + step.retryInMs, failure }
      const known = step.known ?? undefined
      const attempted = step.attempted ? claim.events : []
      assert.equal(
        await inbox.settle(claim, {
          attempted: attempted.map(({ sequence }) => sequence),
          outcomes: outcomes.map(({ sequence, state }) =>
            state === 'dead' ? { sequence, state, code: 'rejected' } : { sequence, state },
          ),
          ...(known !== undefined && {
            known: knownValues({ tier: knownValue(known, { knownAt: clock.now() }) }),
          }),
          ...(retry !== undefined && { retry }),
        }),
        reference.settle(
          lease,
          new Map(outcomes.map(({ identity, state }) => [identity, state])),
          known,
          retry,
          attempted.map(({ event: { identity } }) => identity),
          clock.now(),
        ),
      )
    } else if ('advance' in step) {
      clock.advance(step.advance)
    } else if ('expireOlderThan' in step) {
      const acceptedBefore = clock.now() - step.expireOlderThan
      const expired = await inbox.expire({ acceptedBefore, limit: 100 })
      assert.equal(expired, reference.expire(acceptedBefore, clock.now()))
    } else if ('pruneOlderThan' in step) {
      const before = clock.now() - step.pruneOlderThan
      assert.equal(await inbox.prune({ before, limit: 100 }), reference.prune(before))
    } else if ('replay' in step) {
      const identity = step.replay === null ? undefined : `e${step.replay}`
      const selection = identity === undefined ? { all: true as const } : { identities: [identity] }
      assert.equal(await inbox.replay(selection), reference.replay(identity, clock.now()))
    } else if ('drop' in step) {
      const identity = `e${step.drop}`
      assert.equal(await inbox.drop({ identities: [identity] }), reference.drop(identity))
    } else {
      await subject.reopen()
      reference.leases.clear()
    }
    const { pending, dead } = await subject.inbox.stats()
    assert.deepEqual([pending, dead], [reference.count('pending'), reference.count('dead')])
    const { items } = await subject.inbox.events({ conversationId: 'c1', limit: 100 })
    assert.deepEqual(
      items.map(({ event: { identity }, state, attempts }) => [identity, state, attempts]),
      reference.events.toReversed().map(({ identity, state, attempts }) => [identity, state, attempts]),
    )
  }
}
