import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { Command } from 'commander'
import { deadLettersCommand } from '../../src/cli/dead-letters.ts'
import { deliveryCommand } from '../../src/cli/delivery.ts'
import { eventsCommand } from '../../src/cli/events.ts'
import { agentEvent, customerEvent, setUp, setUpLetters } from '../cli/operator-harness.ts'
import { fencesOf, readPage } from './markdown.ts'

interface Setup {
  run(args: readonly string[]): Promise<{ code: number | null; stdout: string; stderr: string }>
}

/** The service that the commands of a page call, one after the other. */
const pages: Readonly<Record<string, (t: TestContext) => Promise<Setup>>> = {
  'docs/operations/dead-letters.md': setUpLetters,
  'docs/operations/pause.md': (t) => setUp(t),
  'docs/operations/investigate.md': async (t) => {
    const fences = fencesOf(await readPage('docs/operations/investigate.md'))
    const textOf = (info: string) => fences.find((fence) => fence.info === info)?.text ?? ''
    const service = await setUp(t, { rules: textOf('yaml rules') })
    for (const event of JSON.parse(textOf('json events'))) await service.settle(event)
    return service
  },
  'docs/operations/events.md': async (t) => {
    const service = await setUp(t)
    await service.settle(customerEvent('e1'))
    await service.settle(agentEvent)
    return service
  },
}

/** Replaces what differs between two runs. */
const normalise = (text: string): string =>
  text
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'ID')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:]{8}Z/g, 'TIME')
    .replaceAll(/\b(in|for) \d+ (s|min)( \d+ s)?/g, '$1 DURATION')
    .replaceAll(/\d+ of 300 calls/g, 'N of 300 calls')
    .replaceAll(/http:\/\/127\.0\.0\.1:\d+/g, 'http://localhost:8080')

for (const [name, setUpPage] of Object.entries(pages)) {
  test(`${name} shows the real output of each command`, async (t) => {
    const { run } = await setUpPage(t)
    const fences = fencesOf(await readPage(name))
    for (const [index, { info, text, line }] of fences.entries()) {
      const [, code] = /^text output(?: (\d))?$/.exec(fences[index + 1]?.info ?? '') ?? []
      if (info !== 'sh') continue
      const [, ...args] = text.match(/'[^']*'|\S+/g) ?? []
      const result = await run(args.map((arg) => arg.replaceAll("'", '')))
      const shown = fences[index + 1]?.text ?? ''
      assert.equal(normalise(`${result.stderr}${result.stdout}`), normalise(shown), `line ${line}`)
      assert.equal(result.code, Number(code ?? 0), `line ${line}`)
    }
  })
}

const flagsOf = (command: Command): readonly string[] => [
  ...new Set(command.commands.flatMap(({ options }) => options.map(({ flags }) => flags))),
]

for (const [name, command] of [
  ['docs/operations/dead-letters.md', deadLettersCommand()],
  ['docs/operations/pause.md', deliveryCommand()],
  ['docs/operations/events.md', eventsCommand()],
] as const) {
  test(`${name} lists the options of the commands`, async () => {
    const documented = [...(await readPage(name)).matchAll(/^\| `(--[^`]+)` \|/gm)].map(([, flags]) => flags)
    assert.deepEqual([...documented].sort(), [...flagsOf(command)].sort())
  })
}
