import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatResult } from '../../src/cli/doctor/report.ts'
import { formatDocument, formatFields } from '../../src/cli/format.ts'
import { formatRows } from '../../src/cli/format-rows.ts'
import { escapeControls, escapeLines } from '../../src/cli/output.ts'
import { inFolder } from './harness.ts'
import { customerEvent, setUp } from './operator-harness.ts'
import { onCustomer, setUp as setUpPatch, setVip } from './patch-harness.ts'

/** Colours, sets the window title (OSC), starts a sequence with one byte (C1), and reverses the text that follows. */
const hostile = 'x\u001b[31mRED\u001b]0;title\u0007\u009b2J\u202e\u2066\u007fy'
const escaped = 'x\\u001b[31mRED\\u001b]0;title\\u0007\\u009b2J\\u202e\\u2066\\u007fy'
/** Every control character but the line feed. */
const unsafe = /[^\P{Cc}\n]|\p{Bidi_Control}/u

test('control characters and those for the direction of text are escaped', () => {
  assert.equal(escapeControls(hostile), escaped)
  assert.equal(escapeControls('a\nb\tc\r'), 'a\\u000ab\\u0009c\\u000d')
  assert.equal(escapeLines('a\nb\tc\r'), 'a\nb\tc\\u000d')
  assert.equal(escapeControls('Grüße, 中文, 👍, \\u001b'), 'Grüße, 中文, 👍, \\u001b')
})

test('fields, tables and results of doctor escape texts, and a line break in a text makes no new line', () => {
  assert.equal(formatFields([['State', [`open\nDead: ${hostile}`]]]), `State  open\\u000aDead: ${escaped}\n`)
  const table = formatRows(['RULE', 'ID'], [[hostile, 'e1\nrow']], false)
  assert.doesNotMatch(table, unsafe)
  assert.match(table, /^x\\u001b\[31mRED.* {2}e1\\u000arow$/m)
  const styled = formatRows(['RULE'], [[hostile]], true)
  assert.doesNotMatch(styled.replaceAll(/\p{Cc}\[[012]m/gu, ''), unsafe, 'only the styles of the header')
  const result = { check: 'api-host', result: 'failed', finding: hostile, remedy: hostile } as const
  const text = formatResult(result, { previous: undefined, isTerminal: true })
  assert.ok(text.startsWith('\u001b[31m✗\u001b[0m api-host'))
  assert.doesNotMatch(text.slice('\u001b[31m✗\u001b[0m'.length), unsafe)
})

test('a JSON document stays valid, with unsafe characters escaped', () => {
  const text = formatDocument({ topic: hostile })
  assert.doesNotMatch(text, unsafe)
  assert.deepEqual(JSON.parse(text), { topic: hostile })
})

test('events, dead letters and delivery status print a hostile topic, rule and reason escaped', async (t) => {
  const short = 'r\u009b2J\u202e' // a table cuts longer texts
  const rule = JSON.stringify(short)
  const { run, settle } = await setUp(t, {
    rules: `version: 1\nrules: [{ name: ${rule}, on: [conversation:created], set: { a: "1" } }]`,
  })
  await settle(customerEvent('e1', { topic: `x\u001b[31mred\u001b]0;title\u0007`, participantId: undefined }))
  await run(['delivery', 'pause', '--reason', short])
  for (const args of [
    ['events', 'list', '--conversation', 'c1'],
    ['events', 'show', 'e1'],
    ['dead-letters', 'list'],
    ['dead-letters', 'show', 'e1'],
    ['delivery', 'status'],
    ['delivery', 'pause'],
    ['dead-letters', 'replay', hostile],
  ]) {
    for (const json of [[], ['--json']]) {
      const { stdout, stderr } = await run([...args, ...json])
      const command = [...args, ...json].join(' ')
      assert.doesNotMatch(stdout + stderr, unsafe, command)
      assert.match(stdout + stderr, /\\u009b2J\\u202e/, command)
      if (json.length > 0) assert.ok(JSON.parse(stdout), command)
    }
  }
  const { stdout } = await run(['dead-letters', 'list', '--code', 'forbidden'])
  assert.doesNotMatch(stdout, unsafe)
  assert.match(stdout, /Their rules: .*\\u009b2J\\u202e/)
})

test('patch prints a hostile message of Genesys Cloud escaped', async (t) => {
  const { simulator, patch } = await setUpPatch(t)
  const body = { code: 'bad.request', message: `${hostile}\nSet vip_status` }
  for (const json of [[], ['--json']]) {
    simulator.addFault({ match: { method: 'PATCH' }, status: 400, body })
    const { code, stdout, stderr } = await patch([...onCustomer, ...setVip, ...json])
    assert.equal(code, 1)
    assert.doesNotMatch(stdout + stderr, unsafe)
    assert.ok((stdout + stderr).includes('\\u009b2J'))
    assert.doesNotMatch(stdout + stderr, /^Set vip_status/m)
  }
})

test('rules eval and rules test print hostile names and values escaped', async (t) => {
  const rule = JSON.stringify(`rule ${hostile}`)
  const event = { type: 'conversation:created', conversationId: 'c1', participantId: 'p1', topic: hostile }
  const { rules } = await inFolder(t, {
    'rules.yaml': `version: 1
rules: [{ name: ${rule}, on: [conversation:created], set: { a: "\${event.topic}" } }]
tests: [{ name: ${rule}, event: ${JSON.stringify(event)}, expect: { a: wrong } }]`,
    'event.json': JSON.stringify(event),
  })
  for (const args of [
    ['eval', '--event', 'event.json'],
    ['eval', '--event', 'event.json', '--json'],
    ['test'],
    ['test', '--coverage'],
    ['test', '--reporter', 'tap'],
    ['check'],
  ]) {
    const { stdout, stderr } = await rules(args)
    assert.doesNotMatch(stdout + stderr, unsafe, args.join(' '))
    assert.match(stdout + stderr, /\\u009b2J/, args.join(' '))
  }
})
