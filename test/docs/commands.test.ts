import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { fencesOf, readPage } from './markdown.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const run = promisify(execFile)

/** `npm run -s cli -- rules …` in a block of commands. */
const commandsOf = (page: string): readonly string[] =>
  fencesOf(page)
    .filter(({ info }) => info === 'sh')
    .flatMap(({ text }) =>
      [...text.matchAll(/^npm run -s cli -- (rules .+)$/gm)].map(([, args = '']) => args),
    )

const seen = new Set<string>()
for (const name of ['docs/rules.md', 'examples/README.md']) {
  for (const args of commandsOf(await readPage(name))) {
    if (seen.has(args)) continue
    seen.add(args)
    test(`${name}: ${args}`, async () => {
      const { stdout } = await run(process.execPath, ['src/main.ts', ...args.split(' ')], { cwd: root })
      assert.notEqual(stdout, '')
    })
  }
}

test('docs/rules.md shows each command that needs no inbox', () => {
  for (const name of ['check', 'test', 'eval', 'schema'])
    assert.ok(
      [...seen].some((args) => args.startsWith(`rules ${name}`)),
      name,
    )
})
