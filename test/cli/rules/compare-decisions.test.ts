import assert from 'node:assert/strict'
import { test } from 'node:test'
import { changedAttributes } from '../../../src/cli/rules/compare-decisions.ts'
import type { Decision } from '../../../src/rules/decision.ts'

/** A decision that sets these attributes, by participant. */
const decision = (changes: Readonly<Record<string, Record<string, string>>>): Decision => ({
  changes: Object.entries(changes).map(([participantId, attributes]) => ({ participantId, attributes })),
  matched: [],
  undecided: [],
  needs: [],
  blocked: [],
})

for (const [what, before, after, changed] of [
  ['nothing on both sides', {}, {}, []],
  ['the same', { p: { a: '1' } }, { p: { a: '1' } }, []],
  [
    'the same in another order',
    { p: { a: '1', b: '2' }, q: { c: '3' } },
    { q: { c: '3' }, p: { b: '2', a: '1' } },
    [],
  ],
  [
    'a new attribute',
    { p: { a: '1' } },
    { p: { a: '1', b: '2' } },
    [{ participantId: 'p', attribute: 'b', after: '2' }],
  ],
  ['a removed attribute', { p: { a: '1' } }, {}, [{ participantId: 'p', attribute: 'a', before: '1' }]],
  [
    'another value',
    { p: { a: '1' } },
    { p: { a: '' } },
    [{ participantId: 'p', attribute: 'a', before: '1', after: '' }],
  ],
  [
    'on another participant',
    { p: { a: '1' } },
    { q: { a: '1' } },
    [
      { participantId: 'p', attribute: 'a', before: '1' },
      { participantId: 'q', attribute: 'a', after: '1' },
    ],
  ],
] as const) {
  test(`compares decisions: ${what}`, () => {
    assert.deepEqual(changedAttributes(decision(before), decision(after)), changed)
  })
}
