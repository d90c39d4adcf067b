import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withTraces } from '../../src/log/rule-traces.ts'
import { conversationEvent } from '../helpers/events.ts'
import { captureLog } from '../helpers/log.ts'
import { rulesOf } from '../helpers/rules.ts'

const rules = rulesOf(`
version: 1
rules:
  - { name: sets, on: [conversation:created], set: { greeting: "Hello \${participant.address}" } }
  - name: others
    on: [conversation:created]
    when: 'participant.purpose == "customer" && participant.address != "tel:+13175550100"'
    set: { a: b }
  - { name: lacks, on: [conversation:created], when: 'event.queueId == "q"', set: { a: b } }
  - { name: chooses, on: [conversation:created], target: 'candidate.userId == "u"', set: { a: b } }
  - { name: deaf, on: [acw], set: { a: b } }
`)
const event = conversationEvent({ participant: { purpose: 'customer', address: 'tel:+13175550100' } })
const facts = {
  participants: [
    { id: 'p1', purpose: 'agent', userId: 'u', name: 'Ann' },
    { id: 'p2', purpose: 'customer' },
  ],
  known: new Map(),
  at: 0,
}

test('at level debug, the log has the result and reason of each listening rule', () => {
  const log = captureLog('debug')
  const decision = withTraces(rules, log.logger).evaluate(event, facts)
  assert.deepEqual(decision, rules.evaluate(event, facts))
  const [{ time, ...entry } = {}] = log.entries()
  assert.deepEqual(entry, {
    level: 'debug',
    conversationId: event.conversationId,
    participantId: event.participantId,
    event: event.identity,
    version: rules.version,
    trace: [
      { rule: 'sets', result: 'matched', sets: ['greeting'] },
      { rule: 'others', result: 'unmatched', because: 'participant.address != "…"' },
      {
        rule: 'lacks',
        result: 'undecided',
        because: 'event.queueId == "…"',
        code: 'no_such_key',
        missing: ['event.queueId'],
      },
      {
        rule: 'chooses',
        result: 'matched',
        candidates: [
          { id: 'p1', fits: true },
          { id: 'p2', fits: false },
        ],
        sets: ['a'],
        participantId: 'p1',
      },
    ],
    msg: 'rules decided',
  })
})

test('the log has the names of let that a rule used, without their values', () => {
  const log = captureLog('debug')
  const named = rulesOf(`
version: 1
let: { caller: participant.address, queue: event.queueId }
rules:
  - { name: sets, on: [conversation:created], when: caller == "tel:+1", set: { a: "\${queue}" } }
  - { name: lacks, on: [conversation:created], set: { a: "\${caller} \${queue}" } }
`)
  withTraces(named, log.logger).evaluate(event, facts)
  const [{ trace } = {}] = log.entries()
  assert.deepEqual(trace, [
    { rule: 'sets', result: 'unmatched', names: [{ name: 'caller' }], because: 'caller == "…"' },
    {
      rule: 'lacks',
      result: 'undecided',
      names: [{ name: 'caller' }, { name: 'queue', code: 'no_such_key' }],
      code: 'no_such_key',
      missing: ['event.queueId'],
    },
  ])
  assert.ok(!JSON.stringify(log.entries()).includes('317555'))
})

test('no value reaches the log, including literals in conditions', () => {
  const log = captureLog('trace')
  withTraces(rules, log.logger).evaluate(event, facts)
  assert.doesNotMatch(log.text(), /3175550100|Hello|Ann|customer/)
})

test('at other levels, no trace is logged', () => {
  const log = captureLog('info')
  assert.equal(withTraces(rules, log.logger), rules)
})
