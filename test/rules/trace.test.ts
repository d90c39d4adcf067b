import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RuleTrace } from '../../src/rules/trace.ts'
import { formatRuleTrace } from '../../src/rules/trace.ts'
import { conversationEvent } from '../helpers/events.ts'
import { rulesOf } from '../helpers/rules.ts'

const candidates: RuleTrace['candidates'] = [
  { id: 'c', purpose: 'customer', state: 'connected', fits: true },
  { id: 'x', purpose: undefined, state: 'not_connected', fits: false },
  { id: 'y', purpose: 'agent', state: 'ended', fits: false },
]
const candidateLines = [
  '  participant c (customer, connected): matches',
  '  participant x (no purpose, not connected yet): does not match',
  '  participant y (agent, has left): does not match',
]

for (const [trace, words, more = []] of [
  [{ result: 'matched', sets: ['a', 'b'] }, 'matched, sets a, b'],
  [
    { result: 'matched', sets: ['a'], participantId: 'c', candidates },
    'matched, sets a on c',
    candidateLines,
  ],
  [{ result: 'unmatched', because: 'event.id == "x"' }, 'not matched: event.id == "x" is false'],
  [{ result: 'unmatched', because: 'a ||\n    b', candidates }, 'not matched: a || b is false'],
  [
    { result: 'undecided', because: 'has(event.body.a)', code: 'too_costly' },
    'undecided at has(event.body.a): the evaluation needs too many steps (too_costly)',
  ],
  [{ result: 'unmatched', because: 'has(event.body)' }, 'not matched: has(event.body) is false'],
  [
    { result: 'undecided', code: 'no_such_key', missing: ['event.id', 'event.userId'] },
    'undecided: event.id, event.userId are missing (no_such_key)',
  ],
  [
    { result: 'undecided', code: 'no_such_overload', unusable: ['event.body.score'] },
    'undecided: a value has the wrong type (no_such_overload): event.body.score',
  ],
  [
    { result: 'undecided', code: 'no_such_key', unusable: ['event.mediaType'] },
    'undecided: there is no entry for the value of event.mediaType (no_such_key)',
  ],
  [{ result: 'undecided', code: 'division_by_zero' }, 'undecided: division_by_zero'],
  [
    { result: 'needs', needs: ['conversation', 'lookup crm', 'lookup crm'] },
    'waits for the conversation from Genesys Cloud, lookup crm',
  ],
  [
    { result: 'matched', sets: ['a'], names: [{ name: 'caller' }, { name: 'agent', code: 'no_such_key' }] },
    'matched, sets a',
    ['  let caller: has a value', '  let agent: undecided: the event has no such field (no_such_key)'],
  ],
  [
    { result: 'blocked', code: 'participant_not_found', candidates },
    'waits: no participant matches its target',
    candidateLines,
  ],
  [{ result: 'blocked', code: 'lookup_failed' }, 'waits: a lookup failed'],
  [{ result: 'not_listening' }, 'skipped: it does not listen to conversation:updated or acw'],
] as const) {
  test(`formats ${JSON.stringify(trace).slice(0, 80)}`, () => {
    const event = { type: 'conversation:updated', topic: 'acw' } as const
    assert.deepEqual(formatRuleTrace({ rule: 'the "rule"', ...trace }, event), [
      `rule "the \\"rule\\"": ${words}`,
      ...more,
    ])
  })
}

test('a rule that does not match shows the part that is false, not an undecided part before it', () => {
  const rules = rulesOf(`
version: 1
rules:
  - name: calls
    on: "*"
    when: event.mediaType == "voice" && participant.purpose == "customer"
    set: { called: true }
`)
  const explain = (purpose: string) => rules.explain(conversationEvent({ participant: { purpose } })).rules
  assert.deepEqual(explain('agent'), [
    { rule: 'calls', result: 'unmatched', because: 'participant.purpose == "customer"' },
  ])
  assert.deepEqual(explain('customer'), [
    {
      rule: 'calls',
      result: 'undecided',
      because: 'event.mediaType == "voice"',
      code: 'no_such_key',
      missing: ['event.mediaType'],
    },
  ])
})
