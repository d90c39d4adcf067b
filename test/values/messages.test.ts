import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { suggest } from '../../src/values/messages.ts'

const names = ['event', 'participant', 'purpose', 'occurredAt', 'tiers', 'startsWith', 'id']

for (const [word, expected] of [
  ['evnt', 'event'],
  ['evetn', 'event'],
  ['Event', 'event'],
  ['partisipant', 'participant'],
  ['purpse', 'purpose'],
  ['occuredAt', 'occurredAt'],
  ['occuredat', 'occurredAt'],
  ['teirs', 'tiers'],
  ['startWith', 'startsWith'],
  ['ID', 'id'],
  ['is', undefined],
  ['environment', undefined],
  ['', undefined],
  ['evt', undefined],
  ['x'.repeat(100_000), undefined],
] as const) {
  test(`${word.slice(0, 20)} ${expected === undefined ? 'has no suggestion' : `suggests ${expected}`}`, () => {
    assert.equal(suggest(word, names), expected)
  })
}

test('the most similar candidate wins, and the first of two equally similar ones', () => {
  assert.equal(suggest('queueIf', ['queueIds', 'queueId']), 'queueId')
  assert.equal(suggest('tier', ['tiar', 'tiep']), 'tiar')
})

test('property: a name suggests itself, also with one swapped pair of letters', () => {
  const name = fc.stringMatching(/^[a-z]{3,12}$/)
  fc.assert(
    fc.property(name, fc.nat(), (name, position) => {
      assert.equal(suggest(name, [name]), name)
      const at = position % (name.length - 1)
      const swapped = name.slice(0, at) + name[at + 1] + name[at] + name.slice(at + 2)
      assert.equal(suggest(swapped, [name]), name)
    }),
  )
})
