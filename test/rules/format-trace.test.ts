import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inWords } from '../../src/rules/format-trace.ts'
import type { RuleTrace } from '../../src/rules/trace.ts'

const candidates: RuleTrace['candidates'] = [
  { id: 'c', purpose: 'customer', state: 'connected', fits: true },
  { id: 'x', purpose: undefined, state: 'not_connected', fits: false },
  { id: 'y', purpose: 'agent', state: 'ended', fits: false },
]
const candidateLines = [
  '  participant c (customer, connected): fits',
  '  participant x (no purpose, not connected yet): does not fit',
  '  participant y (agent, has left): does not fit',
]

for (const [trace, words, more = []] of [
  [{ result: 'matched', sets: ['a', 'b'] }, 'matched, sets a, b'],
  [
    { result: 'matched', sets: ['a'], participantId: 'c', candidates },
    'matched, sets a on c',
    candidateLines,
  ],
  [{ result: 'unmatched', because: 'event.id == "x"' }, 'not matched, since event.id == "x" is false'],
  [{ result: 'unmatched', because: 'a ||\n    b', candidates }, 'not matched, since a || b is false'],
  [
    { result: 'unmatched', because: 'event.id == "x"', code: 'no_such_key' },
    'not matched, since event.id == "x" cannot be decided: the event has no such field (no_such_key)',
  ],
  [
    { result: 'undecided', because: 'has(event.body.a)', code: 'too_costly' },
    'not matched, since has(event.body.a) cannot be decided: the evaluation needs too many steps (too_costly)',
  ],
  [{ result: 'unmatched', because: 'has(event.body)' }, 'not matched, since has(event.body) is false'],
  [
    { result: 'undecided', code: 'no_such_key' },
    'sets nothing, since a value of it cannot be told: the event has no such field (no_such_key)',
  ],
  [
    { result: 'undecided', code: 'division_by_zero' },
    'sets nothing, since a value of it cannot be told: division_by_zero',
  ],
  [
    { result: 'needs', needs: ['conversation', 'lookup crm', 'lookup crm'] },
    'waits for the conversation as Genesys Cloud knows it, lookup crm',
  ],
  [
    { result: 'blocked', code: 'participant_not_found', candidates },
    'waits, since no participant fits its target',
    candidateLines,
  ],
  [{ result: 'blocked', code: 'lookup_failed' }, 'waits, since a lookup has failed'],
  [{ result: 'not_listening' }, 'not asked, since it does not listen to conversation:updated or acw'],
] as const) {
  test(`${JSON.stringify(trace).slice(0, 80)} in words`, () => {
    const event = { type: 'conversation:updated', topic: 'acw' } as const
    assert.deepEqual(inWords({ rule: 'the "rule"', ...trace }, event), [
      `rule "the \\"rule\\"": ${words}`,
      ...more,
    ])
  })
}
