import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fieldsOf, variablesOf } from '../../src/cel/variables.ts'
import type { ConversationEvent } from '../../src/event.ts'
import { readEnvelope } from '../../src/ingest/envelopes/envelopes.ts'
import { identify } from '../../src/ingest/identity.ts'
import type { RuleSet } from '../../src/rules/evaluate.ts'
import { ruleSchema, rulesFileSchema } from '../../src/rules/file/schema.ts'
import { testSchema } from '../../src/rules/file/test-schema.ts'
import { compileRulesText, loadRules } from '../../src/rules/load-rules.ts'
import { mappingKeys } from '../../src/rules/mappings/mapping-schema.ts'
import { directions, mediaTypes, purposes } from '../../src/values/vocabulary.ts'
import { temporaryFolder } from '../helpers/folder.ts'
import { attributesIn } from '../helpers/rules.ts'
import { failuresIn, runTestsOf } from '../helpers/rules-tests.ts'
import { fencesOf, readPage } from './markdown.ts'

const page = await readPage('docs/rules.md')
const fences = fencesOf(page)
const place = (line: number) => `docs/rules.md:${line}`

/** The folder of the rules files and tables of the page. */
const folder = await temporaryFolder({ after })
const file = join(folder, 'rules.yaml')
for (const { info, text } of fences) {
  const [, name] = /^csv (\S+)$/.exec(info) ?? []
  if (name !== undefined) await writeFile(join(folder, name), text)
}

function compile(text: string, where: string): RuleSet {
  const result = compileRulesText(text, where)
  assert.equal(result.kind, 'ok', result.kind === 'invalid' ? result.problems.join('\n') : '')
  return result.kind === 'ok' ? result.rules : assert.fail()
}

/** The event as the service reads it from a request body. */
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
    test(`docs/rules.md: the event in line ${line} sets the values that the page shows`, () => {
      const event = readEvent(text, place(line))
      assert.ok(example !== undefined)
      assert.ok(example.set.subscribes(event), 'no rule listens to it')
      assert.deepEqual(attributesIn(example.set.evaluate(event)), JSON.parse(expected?.text ?? ''))
    })
  } else if (info === 'yaml tested') {
    test(`docs/rules.md: the tests of the rules in line ${line} pass`, async () => {
      await writeFile(file, text)
      const loaded = await loadRules(file)
      assert.ok(loaded.kind === 'ok', loaded.kind === 'invalid' ? loaded.problems.join('\n') : '')
      const results = runTestsOf(loaded)
      assert.ok(results.length > 0)
      assert.deepEqual(failuresIn(results), [])
      loaded.rules.close()
    })
  } else if (info === 'yaml refused') {
    test(`docs/rules.md: the rules in line ${line} are invalid`, async () => {
      await writeFile(file, text)
      const result = await loadRules(file)
      assert.ok(result.kind === 'invalid')
      const documented = fences[index + 1]
      if (documented?.info !== 'text problems') return
      const headlines = result.problems.map(
        (problem) => problem.replaceAll(file, 'rules.yaml').split('\n')[0],
      )
      assert.deepEqual(headlines, documented.text.trimEnd().split('\n'))
    })
  }
}

/** The names in backticks at the start of each row of the table after `text`. */
function rowsAfter(text: string): readonly string[] {
  const table = page.slice(page.indexOf(text)).split('\n\n', 1)[0] ?? ''
  return [...table.matchAll(/^\| `([\w.]+)`(?:, `([\w.]+)`)? \|/gm)].flatMap(([, one = '', other]) =>
    other === undefined ? [one] : [one, other],
  )
}

test('docs/rules.md lists every section of the file and every field of a rule and of a test', () => {
  assert.deepEqual(rowsAfter('| Section |').toSorted(), Object.keys(rulesFileSchema.shape).sort())
  assert.deepEqual(
    rowsAfter('| Field | Meaning |\n| --- | --- |\n| `name` | Required, used').toSorted(),
    Object.keys(ruleSchema.shape).sort(),
  )
  assert.deepEqual(
    rowsAfter('| Field | Meaning |\n| --- | --- |\n| `name` | Required. The name of the test').toSorted(),
    Object.keys(testSchema.shape).sort(),
  )
  const [, ofAMapping = ''] = /\| Field of a mapping \| Meaning \|\n([\s\S]*?)\n\n/.exec(page) ?? []
  const named = [...ofAMapping.matchAll(/^\| ([^|]+) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name),
  )
  assert.deepEqual(named.toSorted(), mappingKeys.toSorted())
})

test('docs/rules.md lists the known media types, directions and purposes', () => {
  const rowOf = (field: string) => {
    const [, row = ''] = new RegExp(`^\\| \`${field}\`.* \\| (.*) \\|$`, 'm').exec(section) ?? []
    return [...row.matchAll(/`(\w+)`/g)].map(([, value]) => value)
  }
  const [, section = ''] = page.split('### Lower-case values\n')
  assert.deepEqual(rowOf('event.mediaType'), mediaTypes)
  assert.deepEqual(rowOf('event.direction'), directions)
  assert.deepEqual(rowOf('participant.purpose'), purposes)
})

test('docs/rules.md lists every variable with its fields', () => {
  const { event, participant, candidate = [] } = fieldsOf(variablesOf.candidate)
  const listed = (start: string): readonly (string | undefined)[] => {
    const [, list = ''] = new RegExp(`^${start}([^.]+)\\.`, 'm').exec(page) ?? []
    return [...list.matchAll(/`(\w+)`/g)].map(([, field]) => field)
  }
  assert.deepEqual(listed('`event`: '), event)
  assert.deepEqual(listed('`participant`: '), participant)
  const [like, ...own] = listed('`candidate`, only in `target`: all fields of ')
  assert.equal(like, 'participant')
  assert.deepEqual([...(participant ?? []), ...own].toSorted(), candidate.toSorted())
  const documented = rowsAfter('| Field | Meaning |\n| --- | --- |\n| `candidate.id`')
  assert.deepEqual(new Set(documented), new Set([...own, 'externalId'].map((field) => `candidate.${field}`)))
})
