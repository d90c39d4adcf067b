import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type LoadedRules, loadRules } from '../../src/rules/load-rules.ts'
import { lint } from '../../src/rules-tooling/lint/lint.ts'
import { readPage } from '../docs/markdown.ts'
import { failuresIn, runTestsOf } from '../helpers/rules-tests.ts'

const folder = fileURLToPath(new URL('../../examples', import.meta.url))
const entries = await readdir(folder, { withFileTypes: true })
const worked = entries
  .filter((entry) => entry.isDirectory() && entry.name !== 'terraform')
  .map(({ name }) => name)

async function load(path: string): Promise<LoadedRules> {
  const result = await loadRules(join(folder, path))
  assert.ok(result.kind === 'ok', result.kind === 'invalid' ? result.problems.join('\n') : '')
  return result
}

test('there are five examples', () => {
  assert.ok(worked.length >= 5, worked.join())
})

for (const path of ['rules.yaml', ...worked.map((name) => `${name}/rules.yaml`)]) {
  test(`examples/${path} is valid and has no warnings`, async () => {
    assert.deepEqual(lint(await load(path)), [])
  })
}

for (const name of worked) {
  const path = `${name}/rules.yaml`
  test(`the tests in examples/${path} pass`, async () => {
    assert.deepEqual(failuresIn(runTestsOf(await load(path))), [])
  })

  test(`the tests in examples/${path} cover each rule and an event that sets nothing`, async () => {
    const loaded = await load(path)
    const results = runTestsOf(loaded)
    assert.ok(results.length >= 3)
    assert.ok(results.some(({ test: { definition } }) => Object.keys(definition.expect ?? {}).length === 0))
    const matched = results.flatMap(({ traces }) =>
      traces.flatMap(({ trace }) => trace.rules.filter(({ result }) => result === 'matched')),
    )
    assert.deepEqual(new Set(matched.map(({ rule }) => rule)), new Set(loaded.rules.names))
  })

  test(`the rules use every table in examples/${name}`, async () => {
    const { document } = await load(path)
    const files = [...document.lookups.values()].flatMap((lookup) =>
      lookup.kind === 'file' ? [lookup.lookup.file] : [],
    )
    assert.deepEqual(new Set(['rules.yaml', ...files]), new Set(await readdir(join(folder, name))))
  })
}

test('examples/README.md describes each example', async () => {
  const page = await readPage('examples/README.md')
  const documented = [...page.matchAll(/^\| \[([\w-]+)\]\(\1\/rules\.yaml\) \|/gm)].map(([, name]) => name)
  assert.deepEqual(documented.sort(), worked.sort())
})
