import assert from 'node:assert/strict'
import { globSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { filesOf } from './together.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

test('npm test runs each test file, and none twice', async () => {
  const { scripts } = JSON.parse(await readFile(`${root}/package.json`, 'utf8')) as {
    scripts: { test: string }
  }
  const patterns = [...scripts.test.matchAll(/'(test\/[^']+)'/g)].map(([, pattern]) => pattern ?? '')
  assert.ok(patterns.length > 0)
  const run = patterns
    .flatMap((pattern) => globSync(pattern, { cwd: root }))
    .flatMap((file) => {
      const folder = basename(file, '.suite.ts')
      return file.endsWith('.suite.ts') ? filesOf(folder).map((name) => `test/${name}`) : [file]
    })
  assert.deepEqual(run.sort(), globSync('test/**/*.test.ts', { cwd: root }).sort())
})
