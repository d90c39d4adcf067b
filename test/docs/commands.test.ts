import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { runInHost } from '../cli/harness.ts'
import { programEnvironment } from '../helpers/program.ts'
import { fencesOf, readPage } from './markdown.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

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
      const { code, stdout } = await runInHost({
        args: args.split(' '),
        folder: root,
        env: programEnvironment,
        input: '',
      })
      assert.equal(code, 0, stdout)
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
