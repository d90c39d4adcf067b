import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DeliveryReport } from '../../src/deliver/attempt.ts'
import { createUndecidedRules } from '../../src/log/undecided-rules.ts'
import { reportDelivery } from '../../src/metrics/report-delivery.ts'
import { createDetails, createTotals } from '../../src/metrics/totals.ts'
import { conversationEvent } from '../helpers/events.ts'
import { captureLog } from '../helpers/log.ts'

const decided = (matched: readonly string[] = [], undecided: readonly string[] = []) => ({
  changes: [],
  needs: [],
  blocked: [],
  matched,
  undecided: undecided.map((rule) => ({ rule, code: 'no_such_key' })),
})

/** A report with one event per acceptance time, numbered from 1. */
function reportOn(acceptedAt: readonly number[], changes: Partial<DeliveryReport>): DeliveryReport {
  return {
    claim: {
      key: { conversationId: 'c', participantId: 'p' },
      lease: 'lease',
      events: acceptedAt.map((time, index) => ({
        sequence: index + 1,
        acceptedAt: time,
        event: conversationEvent({ identity: `e-${index}` }),
      })),
      known: new Map(),
      failure: undefined,
    },
    target: { conversationId: 'c', participantId: 'p' },
    decisions: acceptedAt.map(() => decided(['tag'])),
    sent: { secretive: 'hush' },
    answer: undefined,
    outcomes: [],
    retry: undefined,
    ...changes,
  }
}

function record(...reports: readonly DeliveryReport[]) {
  const details = createDetails()
  const totals = createTotals(details)
  const delays: number[] = []
  const log = captureLog()
  const onApplied = (delayMs: number) => delays.push(delayMs)
  const undecided = createUndecidedRules({ log: log.logger, rulesVersion: () => 'v1' })
  const { logger } = log
  for (const report of reports)
    reportDelivery(report, {
      totals,
      details,
      onApplied,
      undecided,
      logger,
      dryRun: false,
      eventMaxAgeMs: 86_400_000,
      now: () => 10_000,
    })
  return { totals, details, delays, log }
}

test('onApplied gets the delay of each applied event, not of unchanged ones', () => {
  const { totals, details, delays } = record(
    reportOn([4_000, 9_500, 8_000], {
      answer: { kind: 'ok' },
      outcomes: [
        { sequence: 3, state: 'applied' },
        { sequence: 1, state: 'applied' },
        { sequence: 2, state: 'unchanged' },
      ],
    }),
  )
  assert.deepEqual(delays, [6_000, 2_000])
  assert.deepEqual([totals.applied, totals.unchanged, totals.calls], [2, 1, 1])
  assert.equal(details.calls.get('ok'), 1)
})

test('a clock set back gives no negative delay', () => {
  const outcomes = [{ sequence: 1, state: 'applied' }] as const
  assert.deepEqual(record(reportOn([12_000], { answer: { kind: 'ok' }, outcomes })).delays, [0])
})

test('dead letters are counted by code, calls by kind of answer', () => {
  const { totals, details } = record(
    reportOn([1], { outcomes: [{ sequence: 1, state: 'dead', code: 'participant_not_found' }] }),
    reportOn([1, 2], {
      answer: { kind: 'rejected', detail: '400', cause: '400' },
      outcomes: [1, 2].map((sequence) => ({ sequence, state: 'dead', code: 'rejected' })),
    }),
    reportOn([1], { answer: { kind: 'rate_limited', retryAfterMs: undefined } }),
  )
  assert.equal(details.dead.get('participant_not_found'), 1)
  assert.equal(details.dead.get('rejected'), 2)
  assert.deepEqual([totals.dead, totals.calls, totals.rateLimited], [3, 2, 1])
})

test('each evaluation is counted by rule name', () => {
  const { totals, details } = record(
    reportOn([1, 2], { decisions: [decided(['a', 'b'], ['c']), decided(['a'], ['c', 'd'])] }),
  )
  assert.deepEqual(
    [...details.matched],
    [
      ['a', 2],
      ['b', 1],
    ],
  )
  assert.deepEqual(
    [...details.undecided],
    [
      ['c', 2],
      ['d', 1],
    ],
  )
  assert.equal(totals.undecided, 3)
})

test('a failed attempt is logged with the time at which the first event that stays pending is given up', () => {
  const giveUpAtAfter = (code: string) => {
    const failure = { dueAt: 20_000, failure: { code, attempts: 1 } }
    const outcomes = [{ sequence: 1, state: 'unchanged' }] as const
    const answer = { kind: 'not_found', detail: '404', cause: '404' } as const
    const { log } = record(reportOn([1_000, 5_000, 9_000], { answer, outcomes, retry: failure }))
    return log.entries().map(({ giveUpAt }) => giveUpAt)
  }
  assert.deepEqual(giveUpAtAfter('not_found'), [new Date(35_000).toISOString()])
  assert.deepEqual(giveUpAtAfter('unavailable'), [new Date(86_405_000).toISOString()])
})

const retry = { dueAt: 20_000, failure: { code: 'rejected', attempts: 1 } }
const logged: readonly [message: string, level: string, changes: Partial<DeliveryReport>][] = [
  ['applied', 'info', { answer: { kind: 'ok' } }],
  ['applied', 'info', { answer: { kind: 'ok' }, retry }], // a part of the claim: the rest goes on
  ['unchanged', 'debug', { outcomes: [{ sequence: 1, state: 'unchanged' }] }],
  ['unchanged', 'debug', { outcomes: [{ sequence: 1, state: 'unchanged' }], retry }],
  ['given back', 'debug', {}],
  [
    'target or lookup not found, retrying',
    'warn',
    { retry: { dueAt: 1, failure: { code: 'lookup_failed', attempts: 1 } } },
  ],
  ['given back', 'debug', { answer: { kind: 'rate_limited', retryAfterMs: 1_000 } }],
  ['dead letter', 'error', { outcomes: [{ sequence: 1, state: 'dead', code: 'forbidden' }] }],
  [
    'attempt failed, retrying',
    'warn',
    {
      answer: { kind: 'unavailable', detail: 'hush', cause: '502' },
      retry: { dueAt: 20_000, failure: { code: 'unavailable', attempts: 1 } },
    },
  ],
]
for (const [message, level, changes] of logged) {
  test(`logs "${message}"${changes.retry === undefined ? '' : ' if a retry follows'}, with names and without values`, () => {
    const { log } = record(reportOn([1], changes))
    const [entry] = log.entries()
    assert.equal(entry?.msg, message)
    assert.equal(entry?.level, level)
    assert.deepEqual([entry?.rules, entry?.attributeNames], [['tag'], ['secretive']])
    assert.doesNotMatch(log.text(), /hush/)
  })
}

test('the log has the id of another target participant, and a conversation read is logged at debug', () => {
  const target = { conversationId: 'c1', participantId: 'other' }
  const applied = record(reportOn([1], { answer: { kind: 'ok' }, target })).log.entries()[0]
  assert.equal(applied?.setOn, 'other')
  const read = record(reportOn([1], { answer: { kind: 'ok' }, sent: {} })).log.entries()[0]
  assert.deepEqual([read?.msg, read?.level, read?.setOn], ['conversation read', 'debug', undefined])
})

test('regression: a dry run that read the conversation logged "applied"', () => {
  const log = captureLog()
  const details = createDetails()
  const decisions = [{ ...decided(['tag']), changes: [{ participantId: 'p', attributes: { tier: 'gold' } }] }]
  reportDelivery(reportOn([1_000], { decisions, sent: {}, answer: { kind: 'ok' } }), {
    totals: createTotals(details),
    details,
    onApplied: () => undefined,
    undecided: createUndecidedRules({ log: log.logger, rulesVersion: () => 'v1' }),
    logger: log.logger,
    dryRun: true,
    eventMaxAgeMs: 86_400_000,
    now: () => 10_000,
  })
  assert.deepEqual(
    log.entries().map(({ msg }) => msg),
    ['conversation read'],
  )
})

test('regression: events whose values were set one by one on other participants were logged as unchanged, without a delay', () => {
  const { delays, log } = record(
    reportOn([4_000], { sent: {}, outcomes: [{ sequence: 1, state: 'applied' }] }),
  )
  assert.deepEqual(delays, [6_000])
  assert.deepEqual(
    log.entries().map(({ msg }) => msg),
    ['applied'],
  )
})

test('a dry run logs the names of the attributes that it would set', () => {
  const log = captureLog()
  const details = createDetails()
  const decisions = [
    { ...decided(['tag']), changes: [{ participantId: 'p', attributes: { tier: 'gold', vip: 'true' } }] },
  ]
  const outcomes = [{ sequence: 1, state: 'unchanged' as const }]
  const report = reportOn([1_000], { decisions, sent: {}, answer: undefined, outcomes })
  reportDelivery(report, {
    totals: createTotals(details),
    details,
    onApplied: () => undefined,
    undecided: createUndecidedRules({ log: log.logger, rulesVersion: () => 'v1' }),
    logger: log.logger,
    dryRun: true,
    eventMaxAgeMs: 86_400_000,
    now: () => 10_000,
  })
  const [line] = log.entries()
  assert.equal(line?.msg, 'dry run: attributes not set')
  assert.deepEqual(line?.attributeNames, ['tier', 'vip'])
  assert.ok(!JSON.stringify(line).includes('gold'))
})

test('a rule fails if no field is missing, or if it waits for a lookup or a target', () => {
  const failures = [
    { rule: 'lacks a field', code: 'no_such_key', missing: ['event.queueId'] },
    { rule: 'lacks an entry', code: 'index_out_of_bounds', unusable: ['event.body.list'] },
    { rule: 'wrong type', code: 'no_such_overload', unusable: ['event.queueId'] },
  ]
  const blocked = [{ rule: 'waits', code: 'lookup_failed' as const }]
  const { details } = record(reportOn([0], { decisions: [{ ...decided(), undecided: failures, blocked }] }))
  assert.deepEqual(
    [...details.undecided.keys()],
    failures.map(({ rule }) => rule),
  )
  assert.deepEqual(
    [...details.failed],
    [
      ['wrong type', 1],
      ['waits', 1],
    ],
  )
})

test('a dead letter is logged with cause and remedy, never with the message of Genesys Cloud', () => {
  const dead = { sequence: 1, state: 'dead', code: 'forbidden', detail: '403 hush' } as const
  const answer = { kind: 'forbidden', detail: '403 hush', cause: '403 not.authorized' } as const
  const { log } = record(reportOn([1_000], { answer, outcomes: [dead] }))
  const [line] = log.entries()
  assert.deepEqual([line?.msg, line?.code, line?.cause], ['dead letter', 'forbidden', '403 not.authorized'])
  assert.match(String(line?.remedy), /^Give the OAuth client a role/)
  assert.doesNotMatch(log.text(), /hush/)
})

test('a dead letter without a call is logged with the rules that waited, and without an empty participant', () => {
  const dead = { sequence: 1, state: 'dead', code: 'participant_not_found', detail: 'rules: queue' } as const
  const report = reportOn([1_000], { outcomes: [dead] })
  const key = { conversationId: 'c', participantId: '' }
  const { log } = record({ ...report, claim: { ...report.claim, key } })
  const [line] = log.entries()
  assert.deepEqual([line?.cause, 'participantId' in (line ?? {})], ['rules: queue', false])
})

test('a dry run warns of an event that would become a dead letter', () => {
  const log = captureLog()
  const details = createDetails()
  const decisions = [{ ...decided(['tag']), changes: [{ participantId: '', attributes: { tier: 'gold' } }] }]
  const outcomes = [{ sequence: 1, state: 'unchanged' as const }]
  const report = reportOn([1_000], { decisions, sent: {}, outcomes })
  const key = { conversationId: 'c', participantId: '' }
  reportDelivery(
    { ...report, claim: { ...report.claim, key }, target: key },
    {
      totals: createTotals(details),
      details,
      onApplied: () => undefined,
      undecided: createUndecidedRules({ log: log.logger, rulesVersion: () => 'v1' }),
      logger: log.logger,
      dryRun: true,
      eventMaxAgeMs: 86_400_000,
      now: () => 10_000,
    },
  )
  const [line] = log.entries()
  assert.deepEqual(
    [line?.msg, line?.level, line?.code],
    ['dry run: event would become a dead letter', 'warn', 'participant_not_found'],
  )
  assert.match(String(line?.remedy), /let the relay send participantId/)
})
