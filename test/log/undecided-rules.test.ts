import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createUndecidedRules } from '../../src/log/undecided-rules.ts'
import { conversationEvent } from '../helpers/events.ts'
import { captureLog } from '../helpers/log.ts'

const lacks = (rule: string, ...missing: readonly string[]) => ({ rule, code: 'no_such_key', missing })

function setUp() {
  const { logger: log, entries } = captureLog()
  let version = 'v1'
  const { note, counts } = createUndecidedRules({ log, rulesVersion: () => version })
  return {
    note,
    counts,
    change: () => {
      version = 'v2'
    },
    logged: () => entries().map(({ rule, missing }) => [rule, missing]),
    entries,
  }
}

test('the line has rule, field, cause, type, topic and remedy, and no value', () => {
  const { note, entries } = setUp()
  const event = conversationEvent({
    type: 'conversation:updated',
    topic: 'user.start',
    participant: { address: 'tel:+13175550100' },
  })
  note([lacks('tier', 'event.queueId')], event)
  const [{ time, remedy, ...entry } = {}] = entries()
  assert.deepEqual(entry, {
    level: 'warn',
    code: 'rule_undecided',
    rule: 'tier',
    missing: ['event.queueId'],
    cause: 'no_such_key',
    type: 'conversation:updated',
    topic: 'user.start',
    conversationId: event.conversationId,
    event: event.identity,
    msg: 'rule undecided',
  })
  assert.match(String(remedy), /default\(field.* genesys_enricher_rule_undecided_total counts every case/)
})

test('every case is counted by rule and fields, most frequent first, also after a change of the rules', () => {
  const { note, change, counts } = setUp()
  const event = conversationEvent()
  note([lacks('a', 'event.topic')], event)
  note([lacks('b', 'event.topic'), lacks('a', 'event.queueId')], event)
  change()
  note([lacks('b', 'event.topic')], event)
  assert.deepEqual(
    counts().map(({ rule, missing, count }) => [rule, missing, count]),
    [
      ['b', ['event.topic'], 2],
      ['a', ['event.queueId'], 1],
      ['a', ['event.topic'], 1],
    ],
  )
})

test('a field of unusable type is logged as unusable', () => {
  const { note, entries } = setUp()
  note([{ rule: 'a', code: 'no_such_overload', unusable: ['event.body.score'] }], conversationEvent())
  const [entry] = entries()
  assert.deepEqual(
    [entry?.unusable, entry?.missing, entry?.cause],
    [['event.body.score'], undefined, 'no_such_overload'],
  )
})

test('each pair of rule and field is logged once', () => {
  const { note, logged } = setUp()
  for (let round = 0; round < 3; round += 1)
    note([lacks('a', 'event.queueId'), lacks('b', 'event.queueId')], conversationEvent())
  note([lacks('a', 'event.userId')], conversationEvent())
  assert.deepEqual(logged(), [
    ['a', ['event.queueId']],
    ['b', ['event.queueId']],
    ['a', ['event.userId']],
  ])
})

test('after a change of the rules, the pairs are logged again', () => {
  const { note, change, logged } = setUp()
  note([lacks('a', 'event.queueId')], conversationEvent())
  change()
  note([lacks('a', 'event.queueId')], conversationEvent())
  note([lacks('a', 'event.queueId')], conversationEvent())
  assert.equal(logged().length, 2)
})
