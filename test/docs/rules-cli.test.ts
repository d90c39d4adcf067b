import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { rulesCommand } from '../../src/cli/rules.ts'
import { priorities } from '../../src/inbox/inbox.ts'
import { openSqliteInbox } from '../../src/inbox/sqlite/sqlite.ts'
import { compileRulesText } from '../../src/rules/load-rules.ts'
import { inFolder } from '../cli/harness.ts'
import { conversationEvent } from '../helpers/events.ts'
import { fencesOf, readPage } from './markdown.ts'

const page = await readPage('docs/rules-cli.md')
const fences = fencesOf(page)

/** ```` ```yaml vip.yaml ````: a file of the examples. */
const files = Object.fromEntries(
  fences.flatMap(({ info, text }) => {
    const [, name] = /^(?:yaml|json|csv) (\S+\.\w+)$/.exec(info) ?? []
    return name === undefined ? [] : [[name, text] as const]
  }),
)

/** The inbox for `rules diff`: two customers, an agent, and a transfer. */
async function record(t: TestContext, folder: string): Promise<void> {
  await mkdir(join(folder, 'data'))
  let now = Date.parse('2026-01-05T09:00:00Z')
  const inbox = openSqliteInbox({ file: join(folder, 'data', 'inbox.db'), maxPending: 10, now: () => now })
  t.after(() => inbox.close())
  const call = (n: number, purpose: string, address: string) =>
    conversationEvent({
      identity: `id:e${n}`,
      conversationId: `c${n}`,
      participantId: `p${n}`,
      participant: { purpose, address },
    })
  for (const event of [
    call(1, 'customer', 'tel:+13175550100'),
    call(2, 'customer', 'tel:+4930901820'),
    call(3, 'agent', 'tel:+13175550100'),
    conversationEvent({
      type: 'conversation:updated',
      topic: 'user.start',
      identity: 'id:e4',
      queueId: 'billing',
    }),
  ]) {
    await inbox.append([{ event, priority: priorities.normal }])
    now += 1_000
  }
}

const examples = fences.flatMap((fence, index) => {
  const output = fences[index + 1]
  const [, code] = /^text output(?: (\d))?$/.exec(output?.info ?? '') ?? []
  return fence.info === 'sh' && output?.info.startsWith('text output')
    ? [{ command: fence.text.trim(), line: fence.line, output: output.text, code: Number(code ?? 0) }]
    : []
})

test('docs/rules-cli.md shows an output of check, test, eval and diff', () => {
  assert.ok(examples.length >= 9)
  for (const name of ['check', 'test', 'eval', 'diff'])
    assert.ok(
      examples.some(({ command }) => command.startsWith(`genesys-enricher rules ${name} `)),
      name,
    )
})

for (const { command, line, output, code } of examples) {
  test(`docs/rules-cli.md:${line}: ${command}`, async (t) => {
    const { rules, folder } = await inFolder(t, files)
    if (command.includes('--store')) await record(t, folder)
    const [, , ...args] = command.split(' ')
    const { stdout, stderr, code: real } = await rules(args)
    assert.equal(`${stdout}${stderr}`, output)
    assert.equal(real, code)
  })
}

test('docs/rules-cli.md names each command and each option', () => {
  for (const command of rulesCommand().commands) {
    assert.ok(page.includes(`rules ${command.name()}`), command.name())
    for (const { long } of command.options) assert.ok(page.includes(`${long}`), `${command.name()} ${long}`)
  }
})

test('docs/rules-cli.md lists the options of diff with their defaults', () => {
  const documented = [...page.matchAll(/^\| `(--[^`]+)` \|/gm)].map(([, flags]) => flags)
  const real = rulesCommand().commands.find((command) => command.name() === 'diff')
  assert.deepEqual(
    documented,
    real?.options.map(({ flags }) => flags),
  )
})

test('docs/rules-cli.md: the file with the editor comment is valid', () => {
  const modeline = fences.find(({ info }) => info === 'yaml modeline')
  assert.equal(compileRulesText(modeline?.text ?? 'none', 'modeline').kind, 'ok')
})
