import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { inFolder } from './harness.ts'

for (const [page, args] of [
  ['docs/rules.schema.json', []],
  ['docs/rules-tests.schema.json', ['--tests']],
] as const) {
  test(`the command prints ${page}, and --output writes it to a file`, async (t) => {
    const { rules, folder } = await inFolder(t, {})
    const { code, stdout } = await rules(['schema', ...args])
    assert.equal(code, 0)
    const committed = await readFile(new URL(`../../${page}`, import.meta.url), 'utf8')
    const remedy = `run: npm run cli -- rules schema ${[...args, '--output', page].join(' ')} && npm run format`
    assert.deepEqual(JSON.parse(committed), JSON.parse(stdout), remedy)
    const written = await rules(['schema', ...args, '--output', 'out.json'])
    assert.deepEqual(written, { code: 0, stdout: '', stderr: '' })
    assert.equal(await readFile(join(folder, 'out.json'), 'utf8'), stdout)
  })
}

test('an unwritable file: exit code 2', async (t) => {
  const { rules } = await inFolder(t, {})
  assert.deepEqual(await rules(['schema', '--output', 'no/such/folder.json']), {
    code: 2,
    stdout: '',
    stderr: 'no/such/folder.json cannot be written\n  - ENOENT\n',
  })
})
