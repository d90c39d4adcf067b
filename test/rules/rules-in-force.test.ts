import assert from 'node:assert/strict'
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { loadRules } from '../../src/rules/load-rules.ts'
import { createRulesInForce } from '../../src/rules/rules-in-force.ts'
import { lintMistakes } from '../../src/rules-tooling/lint/lint.ts'
import { conversationEvent } from '../helpers/events.ts'
import { temporaryFolder } from '../helpers/folder.ts'
import { attributesIn } from '../helpers/rules.ts'
import { until } from '../helpers/wait.ts'

/** In one step: a poll must not find half of a file. */
async function replaceFile(file: string, text: string): Promise<void> {
  await writeFile(`${file}.next`, text)
  await rename(`${file}.next`, file)
}

const setting = (tier: string) =>
  `version: 1\nrules: [{ name: only, on: [conversation:created], set: { tier: ${tier} } }]\n`

async function setUp(t: TestContext, file: string, pollMs = 10) {
  const loaded = await loadRules(file)
  assert.ok(loaded.kind === 'ok', JSON.stringify(loaded))
  const log: string[] = []
  const write = (fields: Readonly<Record<string, unknown>>, message: string) =>
    log.push(`${message} ${JSON.stringify(fields)}`)
  let now = 1_000
  const rules = createRulesInForce({
    file,
    loaded,
    log: { info: write, warn: write, error: write },
    mistakesIn: lintMistakes,
    now: () => now,
    pollMs,
  })
  t.after(() => rules.stop())
  const tier = () => attributesIn(rules.current().evaluate(conversationEvent())).tier
  const pass = (ms: number) => {
    now += ms
  }
  return { rules, log, tier, pass }
}

const written = async (t: TestContext, text: string): Promise<string> => {
  const file = join(await temporaryFolder(t), 'rules.yaml')
  await writeFile(file, text)
  return file
}

test('a changed file is loaded, and the status shows its version and age', async (t) => {
  const file = await written(t, setting('gold'))
  const { rules, tier, pass } = await setUp(t, file)
  rules.start()
  const { version } = rules.status()
  pass(500)
  await replaceFile(file, setting('silver'))
  await until('the new rules', () => tier() === 'silver')
  assert.notEqual(rules.status().version, version)
  assert.deepEqual(
    { ...rules.status(), version: '' },
    { version: '', rules: 1, loadedAt: 1_500, reloads: 1, failures: 0, stale: false },
  )
})

test('a file replaced by an editor, or behind a replaced ConfigMap link, is reloaded', async (t) => {
  const file = await written(t, setting('gold'))
  const { rules, tier } = await setUp(t, file)
  rules.start()
  await writeFile(`${file}.new`, setting('silver'))
  await rename(`${file}.new`, file)
  await until('the replaced file', () => tier() === 'silver')

  const folder = await temporaryFolder(t)
  for (const [name, value] of [
    ['one', 'gold'],
    ['two', 'bronze'],
  ] as const) {
    await mkdir(join(folder, name))
    await writeFile(join(folder, name, 'rules.yaml'), setting(value))
  }
  await symlink('one', join(folder, 'data'))
  const linked = await setUp(t, join(folder, 'data', 'rules.yaml'))
  linked.rules.start()
  await symlink('two', join(folder, 'data.new'))
  await rename(join(folder, 'data.new'), join(folder, 'data'))
  await until('the swapped link', () => linked.tier() === 'bronze')
})

test('invalid rules are logged once and replace nothing, and the status is stale until they are fixed', async (t) => {
  const file = await written(t, setting('gold'))
  const { rules, tier, log } = await setUp(t, file)
  rules.start()
  await replaceFile(file, 'version: 1\nrules: [{ name: only }]\n')
  await until('the failure', () => rules.status().stale)
  assert.equal(tier(), 'gold')
  assert.match(log.join(), /rules not replaced.*rules_invalid.*2:\d+ rules\[0\]/)
  await rm(file)
  await until('the second failure', () => rules.status().failures === 2)
  assert.equal(tier(), 'gold')
  await replaceFile(file, setting('gold'))
  await until('it is mended', () => !rules.status().stale)
  assert.deepEqual([rules.status().reloads, log.length], [0, 2])
})

test('a changed table reloads the rules', async (t) => {
  const file = await written(
    t,
    `
version: 1
lookups: { tiers: { file: tiers.csv, key: phone } }
rules: [{ name: only, on: [conversation:created], set: { tier: '\${lookup("tiers", "1").tier}' } }]
`,
  )
  const table = join(file, '..', 'tiers.csv')
  await replaceFile(table, 'phone,tier\n1,gold\n')
  const { rules, tier } = await setUp(t, file)
  assert.equal(tier(), 'gold')
  rules.start()
  await replaceFile(table, 'phone,tier\n1,silver\n')
  await until('the new table', () => tier() === 'silver')
})

test('concurrent reloads run one after the other, and the last content wins', async (t) => {
  const file = await written(t, setting('gold'))
  const { rules, tier } = await setUp(t, file)
  const results = [rules.reload()]
  await replaceFile(file, setting('silver'))
  results.push(rules.reload(), rules.reload())
  const ended = await Promise.all(results)
  assert.equal(tier(), 'silver')
  assert.equal(ended.filter((result) => result === 'replaced').length, 1)
  assert.equal(ended[2], 'unchanged')
})

test('comparisons with upper-case values are logged at start and reload, and the rules stay in force', async (t) => {
  const comparing = (mediaType: string, tier: string) =>
    `version: 1
rules:
  - name: only
    on: [conversation:created]
    when: default(event.mediaType, "voice") == "${mediaType}"
    set: { tier: ${tier} }
`
  const file = await written(t, comparing('VOICE', 'gold'))
  const { rules, tier, log } = await setUp(t, file)
  const logLine = (meant: string) =>
    `rules compare with upper-case values, which no event has ${JSON.stringify({
      file,
      problems: [`${file}:5:48 rules[0].when write "${meant}": event values are always lower case`],
    })}`
  rules.start()
  assert.deepEqual(log, [logLine('voice')])
  await replaceFile(file, comparing('CHAT', 'gold'))
  await until('the reload', () => rules.status().reloads === 1)
  assert.deepEqual(log.slice(2), [logLine('chat')])
  await replaceFile(file, comparing('voice', 'silver'))
  await until('the right value', () => tier() === 'silver')
  assert.equal(log.length, 4)
})
