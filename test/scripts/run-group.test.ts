import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { runGroup } from '../../scripts/run-group.ts'
import { temporaryFolder } from '../helpers/folder.ts'

/** Runs test files with this code. */
async function run(
  t: TestContext,
  sources: readonly string[],
  limits: { readonly testTimeoutMs?: number; readonly silenceMs?: number } = {},
) {
  const folder = await temporaryFolder(t)
  const files = sources.map((_, index) => join(folder, `${index}.test.mjs`))
  await Promise.all(
    sources.map((source, index) =>
      writeFile(files[index] ?? '', `import { test } from 'node:test'\n${source}\n`),
    ),
  )
  const limit = { testTimeoutMs: 60_000, silenceMs: 120_000, ...limits }
  const result = await runGroup({ files, report: join(folder, 'report'), ...limit })
  return { ...result, text: result.stdout.toString() }
}

const passing = "test('a test that passes', () => {})"

test('a group whose tests pass has passed', async (t) => {
  const { passed, killed, text } = await run(t, [passing, passing])
  assert.deepEqual([passed, killed], [true, false])
  assert.match(text, /✔ a test that passes/)
})

test('a test that hangs fails by name, and the others run', async (t) => {
  const hanging =
    "test('a test that hangs', () => new Promise((resolve) => { setTimeout(resolve, 100_000).unref() }))"
  const { passed, killed, text } = await run(t, [hanging, passing], { testTimeoutMs: 300 })
  assert.deepEqual([passed, killed], [false, false])
  assert.match(text, /✖ a test that hangs/)
  assert.match(text, /timed out after 300ms/)
  assert.match(text, /✔ a test that passes/)
})

for (const [what, source] of [
  [
    'left a server open',
    "import { createServer } from 'node:http'\ntest('x', () => { createServer().listen(0) })",
  ],
  [
    'blocks the event loop',
    "test('x', async () => { await new Promise((resolve) => setTimeout(resolve, 10)); for (;;); })",
  ],
] as const)
  test(`a process that ${what} is killed, and its output is kept`, async (t) => {
    const { passed, killed, text } = await run(t, [passing, source], { silenceMs: 2_000 })
    assert.deepEqual([passed, killed], [false, true])
    assert.match(text, /✔ a test that passes/)
  })
