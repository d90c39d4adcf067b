import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createBudget, maxSteps } from '../../src/cel/budget.ts'
import { contextOf } from '../../src/cel/context.ts'
import { failureCode } from '../../src/cel/expression-errors.ts'
import { createExpressions } from '../../src/cel/expressions.ts'
import { byCallKey, createFunctions } from '../../src/cel/functions/functions.ts'
import { maxAddressLength } from '../../src/cel/functions/phone.ts'
import { maxPatternLength, maxPatternSize } from '../../src/cel/functions/regex.ts'
import { maxJsonDepth, maxJsonLength, maxTextLength } from '../../src/cel/functions/text.ts'
import { maxDataDepth } from '../../src/cel/readable-data.ts'
import {
  expressionLimits,
  maxDuration,
  maxSought,
  maxSoughtFromEnd,
} from '../../src/cel/syntax/bounded-source.ts'
import { compileTemplate, maxRenderedLength } from '../../src/cel/template.ts'
import { readEnvelope } from '../../src/ingest/envelopes/envelopes.ts'
import { identify } from '../../src/ingest/identity.ts'
import { fencesOf, readPage } from './markdown.ts'

const page = await readPage('docs/expressions.md')
const fenceOf = (info: string): unknown =>
  JSON.parse(fencesOf(page).find((fence) => fence.info === info)?.text ?? assert.fail(info))

const rows = fenceOf('json rows') as Record<string, Record<string, string>>
const expressions = createExpressions({ tables: new Map([['tiers', { columns: ['tier', 'agent'] }]]) })
const facts = { lookup: (table: string, key: string) => (table === 'tiers' ? rows[key] : undefined) }

function eventOfTheTables() {
  const result = readEnvelope(fenceOf('json table'))
  const [draft] = result.kind === 'events' ? result.drafts : []
  return contextOf(identify(draft ?? assert.fail(JSON.stringify(result)), { index: 0 }))
}

/** The value of an attribute as the page writes it. */
function outcomeOf(source: string, context: ReturnType<typeof contextOf>): string {
  const result = compileTemplate(`\${${source}}`, expressions)
  if (result.kind === 'invalid') return 'refused'
  try {
    const text = result.template.render(context, facts)
    return text === '' ? 'empty' : `\`${text}\``
  } catch (error) {
    assert.notEqual(failureCode(error), 'evaluation_failed')
    return 'undecided'
  }
}

test('docs/expressions.md: each expression has the result that the page shows', () => {
  const context = eventOfTheTables()
  const lines = [...page.matchAll(/^\| `([^`]+)`(?: \([^|]*\))? \| (`[^`]+`|empty|undecided|refused) \|$/gm)]
  assert.ok(lines.length >= 80, String(lines.length))
  for (const [, source = '', gives] of lines)
    assert.equal(outcomeOf(source.replaceAll('\\|', '|'), context), gives, source)
})

test('docs/expressions.md: every error of the table has the message that the page shows', () => {
  const [, section = ''] = page.split('## Errors\n')
  const lines = [...section.matchAll(/^\| `([^`]+)` \| (.+) \|$/gm)]
  assert.ok(lines.length >= 6)
  for (const [, source = '', message] of lines) {
    const result = expressions.compile(source.replaceAll('\\|', '|'))
    assert.equal(result.kind === 'invalid' ? result.message : 'accepted', message, source)
  }
})

test('docs/expressions.md names every function', () => {
  const functions = createFunctions(new Map(), () => undefined, createBudget())
  const names = [...byCallKey(functions).keys()].map((key) => key.replace(/^\.|\/\d$/g, ''))
  for (const name of [...new Set(names), 'default', 'orValue', 'hasValue', 'value', 'has', 'cel.bind'])
    assert.match(page, new RegExp(`\\b${name}\\b`), name)
})

test('docs/expressions.md states the limits of the code', () => {
  const [, section = ''] = page.split('## Limits\n')
  const limits = [...section.matchAll(/^\| (.+) \| ([\d,]+) \|$/gm)].map(([, what = '', most = '']) => [
    what,
    Number(most.replaceAll(',', '')),
  ])
  assert.deepEqual(limits, [
    ['parts of an expression', expressionLimits.maxAstNodes],
    ['levels of nesting', expressionLimits.maxDepth],
    ['elements of a list in an expression', expressionLimits.maxListElements],
    ['entries of a map in an expression', expressionLimits.maxMapEntries],
    ['steps of one evaluation', maxSteps],
    ['characters of a string that an expression builds', maxTextLength],
    ["characters of an attribute's value", maxRenderedLength],
    ['characters of a string for `json`', maxJsonLength],
    ['levels of a string for `json`', maxJsonDepth],
    ['characters of a pattern', maxPatternLength],
    ['instructions of a pattern', maxPatternSize],
    ['characters of an address for `e164` and `countryOf`', maxAddressLength],
    [
      'characters of the string that `contains`, `indexOf` or `split` searches for, unless it is a literal',
      maxSought,
    ],
    ['characters of the string that `lastIndexOf` searches for, unless it is a literal', maxSoughtFromEnd],
    ['characters of a `duration`, unless it is a literal', maxDuration],
    ['levels of `event.body`', maxDataDepth],
  ])
})
