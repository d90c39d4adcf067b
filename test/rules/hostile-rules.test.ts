import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createBudget } from '../../src/cel/budget.ts'
import { createFunctions } from '../../src/cel/functions/functions.ts'
import { maxRenderedLength } from '../../src/cel/template.ts'
import { conversationEvent } from '../helpers/events.ts'
import { anyCase, type Case, friendly } from '../helpers/hostile-cases.ts'
import { hostileRuleSet, sources } from '../helpers/hostile-rules.ts'
import { rounds } from '../helpers/rounds.ts'

test('the rules call every function', () => {
  const functions = createFunctions(new Map(), () => undefined, createBudget())
  for (const { signature, insteadOf = signature } of functions) {
    const name = /(\w+)\(/.exec(insteadOf)?.[1] ?? ''
    assert.ok(
      sources.some((source) => source?.includes(`${name}(`)),
      insteadOf,
    )
  }
})

test('each of the rules matches a friendly event', () => {
  const ruleSet = hostileRuleSet()
  const decision = ruleSet.evaluate(friendly.event, friendly.facts)
  assert.deepEqual(decision.matched, ruleSet.names, JSON.stringify(decision))
})

test('property: rules never throw and set only strings, for any event', () => {
  const ruleSet = hostileRuleSet()
  fc.assert(
    fc.property(anyCase, ({ event, facts }) => {
      const { changes, undecided, blocked } = ruleSet.evaluate(event, facts)
      for (const { participantId, attributes } of changes) {
        assert.equal(typeof participantId, 'string')
        for (const value of Object.values(attributes)) {
          assert.equal(typeof value, 'string')
          assert.ok(value.length <= maxRenderedLength)
        }
      }
      assert.equal(new Set(changes.map(({ participantId }) => participantId)).size, changes.length)
      for (const { code } of [...undecided, ...blocked]) assert.match(code, /^[a-z_]+$/)
    }),
    { numRuns: rounds(300) },
  )
})

/** The target of a rule waits for a lookup with the participant's external id, whose length is that of an unknown key. */
const waitingTarget: Case = {
  event: conversationEvent(),
  facts: {
    participants: [{ id: 'participant-1', externalId: 'crm1', name: '', attributes: {} }],
    known: new Map(),
    at: 0,
  },
}

test('property: the explanation matches the decision, for any event', () => {
  const ruleSet = hostileRuleSet()
  const seen = new Map<string, number>()
  fc.assert(
    fc.property(anyCase, ({ event, facts }) => {
      const { matched, undecided, blocked, needs, changes } = ruleSet.evaluate(event, facts)
      const trace = ruleSet.explain(event, facts)
      const having = (kind: string) => trace.rules.filter(({ result }) => result === kind)
      assert.deepEqual(
        having('matched').map(({ rule }) => rule),
        matched,
      )
      assert.deepEqual(
        having('undecided').map(({ rule, code }) => ({ rule, code })),
        undecided.map(({ rule, code }) => ({ rule, code })),
      )
      for (const { rule, missing = [], unusable = [] } of undecided) {
        const explained = trace.rules.find((other) => other.rule === rule)
        assert.deepEqual(
          missing.filter((field) => explained?.missing?.includes(field) !== true),
          [],
        )
        assert.deepEqual(
          unusable.filter((field) => explained?.unusable?.includes(field) !== true),
          [],
        )
      }
      assert.deepEqual(
        having('blocked').map(({ rule, code }) => ({ rule, code })),
        blocked,
      )
      assert.deepEqual(
        having('needs').flatMap(({ needs }) => needs),
        needs.map((need) => (need.kind === 'lookup' ? `lookup ${need.table}` : need.kind)),
      )
      assert.deepEqual(
        new Set(trace.attributes.map(({ participantId, attribute }) => `${participantId} ${attribute}`)),
        new Set(
          changes.flatMap(({ participantId, attributes }) =>
            Object.keys(attributes).map((attribute) => `${participantId} ${attribute}`),
          ),
        ),
      )
      for (const { result } of trace.rules) seen.set(result, (seen.get(result) ?? 0) + 1)
    }),
    { numRuns: rounds(150), examples: [[waitingTarget]] },
  )
  for (const kind of ['matched', 'unmatched', 'undecided', 'needs', 'blocked', 'not_listening'])
    assert.ok(seen.has(kind), `no rule was ever ${kind}`)
})
