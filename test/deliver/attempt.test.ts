import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type AttemptDeps, attempt, type DeliveryReport } from '../../src/deliver/attempt.ts'
import type { Answer } from '../../src/genesys/classify.ts'
import type { Claim, Settlement } from '../../src/inbox/inbox.ts'
import { conversationEvent } from '../helpers/conversation-events.ts'
import { settingRules } from '../helpers/rules.ts'

const now = 1_000_000
const maxAgeMs = 100_000

interface Given {
  readonly acceptedAt?: number
  readonly occurredAt?: number
  readonly attributes: Record<string, string>
}

/** A claim of the given events: sequences 1, 2, 3… */
const claimOf = (...given: Given[]): Claim => ({
  key: { conversationId: 'c1', participantId: 'p1' },
  lease: 'lease',
  known: new Map([['known', { value: 'yes', decidedAt: now - 50, sequence: 0, knownAt: now - 40 }]]),
  failure: undefined,
  events: given.map(({ acceptedAt = now, ...fields }, index) => ({
    sequence: index + 1,
    acceptedAt,
    event: conversationEvent(`e${index + 1}`, fields),
  })),
})

/** Processes the claim with an API that returns this answer. */
async function work(claim: Claim, answer: Answer, recorded = true) {
  const sent: Record<string, string>[] = []
  const settlements: Settlement[] = []
  const reports: DeliveryReport[] = []
  const deps: AttemptDeps = {
    inbox: {} as AttemptDeps['inbox'],
    rules: () => settingRules,
    conversations: {} as AttemptDeps['conversations'],
    leaseMs: 1_000,
    patchAttributes: async (_target, attributes) => {
      sent.push({ ...attributes })
      return answer
    },
    settle: async (_claim, settlement) => {
      settlements.push(settlement)
      return recorded
    },
    report: (report) => reports.push(report),
    eventMaxAgeMs: maxAgeMs,
    now: () => now,
    random: () => 0,
  }
  const result = await attempt(claim, deps)
  await result.settled
  const [full] = settlements
  assert.ok(full !== undefined && settlements.length === 1)
  return { result, sent, full, settlement: withoutRecords(full), reports: reports.map(withoutRecords) }
}

/** Outcomes without what was decided and sent, and without the events of the call. */
function withoutRecords<Part extends Pick<Settlement, 'outcomes' | 'attempted'>>({
  attempted: _,
  ...part
}: Part) {
  return { ...part, outcomes: part.outcomes.map(({ record: __, ...outcome }) => outcome) }
}

const detail = 'as Genesys said'
const gold = { attributes: { tier: 'gold' } }
/** Older than the known value, so it sets nothing. */
const late = { attributes: { known: 'no' }, occurredAt: now - 99 }

test('after success the sent events are applied, the others unchanged, and all values are known', async () => {
  const claim = claimOf(gold, late, { attributes: {} })
  const { sent, settlement, reports } = await work(claim, { kind: 'ok' })
  assert.deepEqual(sent, [{ tier: 'gold' }])
  assert.deepEqual(settlement.outcomes, [
    { sequence: 1, state: 'applied' },
    { sequence: 2, state: 'unchanged', reason: 'later_event' },
    { sequence: 3, state: 'unchanged', reason: 'no_rule_matched' },
  ])
  assert.deepEqual(Object.fromEntries(settlement.known ?? []), {
    tier: { value: 'gold', decidedAt: now, sequence: 1, knownAt: now },
  })
  assert.equal(settlement.retry, undefined)
  assert.deepEqual(
    reports.map(({ decisions, answer }) => [decisions.length, answer?.kind]),
    [[3, 'ok']],
  )
})

for (const answer of [
  { kind: 'rate_limited', retryAfterMs: 1 },
  { kind: 'credentials_refused', detail },
] as const) {
  test(`${answer.kind} releases the claim unchanged`, async () => {
    const { settlement } = await work(claimOf(gold, late), answer)
    assert.deepEqual(settlement, { outcomes: [] })
  })
}

test('only events whose values were sent become dead letters; the others are unchanged', async () => {
  const { settlement } = await work(claimOf(gold, late, gold), { kind: 'forbidden', detail, cause: '4xx' })
  assert.deepEqual(
    settlement.outcomes.toSorted((one, other) => one.sequence - other.sequence),
    [
      { sequence: 1, state: 'dead', code: 'forbidden', detail },
      { sequence: 2, state: 'unchanged', reason: 'later_event' },
      { sequence: 3, state: 'dead', code: 'forbidden', detail },
    ],
  )
})

test('a retry keeps all events of the claim pending', async () => {
  const { settlement } = await work(claimOf(gold, late), { kind: 'conflict', detail, cause: '4xx' })
  assert.deepEqual(settlement, {
    outcomes: [],
    retry: { dueAt: now + 50, failure: { code: 'conflict', attempts: 1 } },
  })
})

test('events that are too old become dead, and the others are retried', async () => {
  const claim = claimOf({ ...gold, acceptedAt: now - maxAgeMs }, gold)
  const { settlement } = await work(claim, { kind: 'unavailable', detail, cause: detail })
  assert.deepEqual(settlement.outcomes, [{ sequence: 1, state: 'dead', code: 'expired', detail }])
  assert.deepEqual(settlement.retry?.failure, { code: 'unavailable', attempts: 1 })
})

test('the retry is due at the latest when the first event expires', async () => {
  const claim = claimOf({ ...gold, acceptedAt: now - maxAgeMs + 7 }, gold)
  const { settlement } = await work(claim, { kind: 'unavailable', detail, cause: detail })
  assert.equal(settlement.retry?.dueAt, now + 7)
})

test('a reported value alone is stored without a call', async () => {
  const claim = claimOf({ attributes: {} })
  const [pending] = claim.events
  assert.ok(pending !== undefined)
  const event = {
    ...pending.event,
    occurredAt: now,
    participant: { attributes: { known: 'changed by somebody' } },
  }
  const { result, settlement } = await work({ ...claim, events: [{ ...pending, event }] }, { kind: 'ok' })
  assert.equal(result.kind, 'unsent')
  assert.deepEqual(settlement.outcomes, [{ sequence: 1, state: 'unchanged', reason: 'no_rule_matched' }])
  assert.equal(settlement.known?.get('known')?.value, 'changed by somebody')
})

test('only recorded outcomes are reported', async () => {
  const { reports } = await work(claimOf(gold), { kind: 'ok' }, false)
  assert.deepEqual(reports, [])
})

test('regression: after a rejected PATCH the decision times of values without a call were lost', async () => {
  const same = { attributes: { known: 'yes' }, acceptedAt: now - 10 }
  const { settlement } = await work(claimOf(same, gold), { kind: 'rejected', detail, cause: '4xx' })
  assert.deepEqual(settlement.outcomes.map(({ state }) => state).toSorted(), ['dead', 'unchanged'])
  assert.equal(settlement.known?.get('known')?.decidedAt, now - 10)
  assert.equal(settlement.known?.has('tier'), false)
})

test('an outcome has the rules, attribute names, the answer and the attempt', async () => {
  const answer: Answer = { kind: 'ok', api: { status: 202, correlationId: 'c-1' } }
  const { full } = await work(
    claimOf({ attributes: { tier: 'gold' } }, { attributes: { known: 'yes' } }),
    answer,
  )
  const rules = full.outcomes[0]?.record?.rules ?? []
  assert.ok(rules.length > 0)
  assert.deepEqual(full.attempted, [1])
  assert.deepEqual(full.outcomes, [
    {
      sequence: 1,
      state: 'applied',
      record: { rules, attributeNames: ['tier'], inPatch: true, api: answer.api },
    },
    {
      sequence: 2,
      state: 'unchanged',
      reason: 'known_values',
      record: { rules, attributeNames: ['known'], inPatch: false },
    },
  ])
})

test('a 429 and refused credentials are no attempt; a failure is one', async () => {
  const claim = claimOf({ attributes: { tier: 'gold' } })
  assert.equal((await work(claim, { kind: 'rate_limited', retryAfterMs: 5 })).full.attempted, undefined)
  assert.equal((await work(claim, { kind: 'credentials_refused', detail: '' })).full.attempted, undefined)
  const unavailable: Answer = { kind: 'unavailable', detail: '503', cause: '503' }
  assert.deepEqual((await work(claim, unavailable)).full.attempted, [1])
})

test('the age of a replayed event counts from its replay', async () => {
  const claim = claimOf({ acceptedAt: now - maxAgeMs, attributes: { tier: 'gold' } })
  const unavailable: Answer = { kind: 'unavailable', detail: '503', cause: '503' }
  assert.equal((await work(claim, unavailable)).settlement.outcomes[0]?.code, 'expired')
  const replayed = { ...claim, events: claim.events.map((event) => ({ ...event, replayedAt: now - 1_000 })) }
  const { settlement } = await work(replayed, unavailable)
  assert.deepEqual([settlement.outcomes, settlement.retry?.failure.code], [[], 'unavailable'])
  const notFound: Answer = { kind: 'not_found', detail: '404', cause: '404' }
  assert.deepEqual((await work(replayed, notFound)).settlement.outcomes, [])
})
