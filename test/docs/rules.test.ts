import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileRulesText } from '../../src/enrich/enrich.ts'
import type { RuleSet } from '../../src/enrich/evaluate.ts'
import type { ConversationEvent } from '../../src/event.ts'
import { readEnvelope } from '../../src/ingest/envelopes/envelopes.ts'
import { identify } from '../../src/ingest/identity.ts'
import { fencesOf, readPage } from './markdown.ts'

const page = await readPage('docs/rules.md')
const fences = fencesOf(page)
const place = (line: number) => `docs/rules.md:${line}`

function compile(text: string, where: string): RuleSet {
  const result = compileRulesText(text, where)
  assert.equal(result.kind, 'ok', result.kind === 'invalid' ? result.problems.join('\n') : '')
  return result.kind === 'ok' ? result.rules : assert.fail()
}

/** The event as the service reads it from the body of a request. */
function readEvent(text: string, where: string): ConversationEvent {
  const result = readEnvelope(JSON.parse(text))
  const [draft, ...more] = result.kind === 'events' ? result.drafts : []
  assert.ok(draft !== undefined && more.length === 0, `${where}: not one event: ${JSON.stringify(result)}`)
  return identify(draft, { index: 0 })
}

let rules: { set: RuleSet; line: number } | undefined
for (const [index, { info, text, line }] of fences.entries()) {
  if (info === 'yaml rules') {
    rules = { set: compile(text, place(line)), line }
    assert.equal(fences[index + 1]?.info, 'json event', `${place(line)}: an example needs an event`)
  } else if (info === 'json event') {
    const example = rules
    const expected = fences[index + 1]
    assert.equal(expected?.info, 'json sets', `${place(line)}: an event needs what it sets`)
    test(`docs/rules.md: the event in line ${line} sets what the page says`, () => {
      const event = readEvent(text, place(line))
      assert.ok(example?.set.subscribes(event), 'no rule listens to it')
      assert.deepEqual({ ...example?.set.evaluate(event).attributes }, JSON.parse(expected?.text ?? ''))
    })
  } else if (info === 'yaml refused') {
    test(`docs/rules.md: the rules in line ${line} are refused`, () => {
      const result = compileRulesText(text, place(line))
      assert.equal(result.kind, 'invalid')
    })
  }
}

test('docs/rules.md: each expression of the table gives what the page says', () => {
  const sample = fences.find(({ info }) => info === 'json table')
  const event = readEvent(sample?.text ?? '', 'the event of the table')
  const rows = [...page.matchAll(/^\| `([^`]+)`(?: \([^)]*\))? \| (?:`([^`]+)`|(undecided)) \|$/gm)]
  assert.ok(rows.length >= 30)
  for (const [, source = '', gives] of rows) {
    const expression = source.replaceAll('\\|', '|')
    const rule = { name: 'row', on: ['conversation:updated'], set: { value: `\${${expression}}` } }
    const rowRules = compile(JSON.stringify({ version: 1, rules: [rule] }), expression)
    assert.equal(rowRules.evaluate(event).attributes.value, gives, expression)
  }
})

test('docs/rules.md names 12 variables of the event and 9 of the participant, and each is known', () => {
  const [eventFields, participantFields] = ['event', 'participant'].map((name) => {
    const list = new RegExp(`^\`${name}\`: ([^.]+)\\.`, 'm').exec(page)?.[1] ?? ''
    return [...list.matchAll(/`(\w+)`/g)].map(([, field]) => field)
  })
  assert.deepEqual(eventFields?.length, 12)
  assert.deepEqual(participantFields?.length, 9)
  const names = [
    ...(eventFields ?? []).map((f) => `event.${f}`),
    ...(participantFields ?? []).map((f) => `participant.${f}`),
  ]
  compile(
    JSON.stringify({
      version: 1,
      rules: names.map((name) => ({ name, on: 'acw', when: `has(${name})`, set: { a: 'b' } })),
    }),
    'every variable',
  )
})
