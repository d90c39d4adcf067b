import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { temporaryFolder } from '../helpers/folder.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))

/** A Node.js of the machine that is too old for the program, outside the folders that npm puts on PATH. */
async function oldNode(): Promise<string | undefined> {
  for (const folder of ['/usr/bin', '/usr/local/bin']) {
    const { stdout } = await run(join(folder, 'node'), ['--version']).catch(() => ({ stdout: '' }))
    const [, major = '99'] = /^v(\d+)\./.exec(stdout) ?? []
    if (Number(major) < 22) return join(folder, 'node')
  }
  return undefined
}

test('an old Node.js ends with exit code 2 and one line that names the needed and the present version', async (t) => {
  const node = await oldNode()
  if (node === undefined) return t.skip('no Node.js older than 22 on this machine')
  const file = join(await temporaryFolder(t), 'main.mjs')
  // As the build writes it: without types, with .js endings.
  const source = await readFile(join(root, 'src/main.ts'), 'utf8')
  await writeFile(file, stripTypeScriptTypes(source).replace("'./cli/cli.ts'", "'./cli/cli.js'"))
  await assert.rejects(run(node, [file, 'serve']), (error: Error & { code?: unknown; stderr?: string }) => {
    assert.equal(error.code, 2)
    assert.match(
      error.stderr ?? '',
      /^genesys-enricher needs Node\.js 22\.18 or later, but this is \d+\.\d+\.\d+\.\n$/,
    )
    return true
  })
})

test('the launcher needs the version that package.json names', async () => {
  const { engines } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  const [, major, minor] =
    /major: (\d+), minor: (\d+)/.exec(await readFile(join(root, 'src/main.ts'), 'utf8')) ?? []
  assert.equal(engines.node, `>=${major}.${minor}`)
})
