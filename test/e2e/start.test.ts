import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { runInHost } from '../cli/harness.ts'
import { temporaryFolder } from '../helpers/folder.ts'
import { startInProcess } from '../helpers/in-process.ts'
import { setUp } from '../helpers/process.ts'
import { main, programEnvironment } from '../helpers/program.ts'

/** Runs the program in its own process. */
const runProcess = (args: string[], env: Record<string, string> = {}) =>
  spawnSync(process.execPath, [main, ...args], {
    cwd: tmpdir(),
    env: { ...programEnvironment, ...env },
    encoding: 'utf8',
    timeout: 60_000,
  })

/** Runs it in a process that has loaded it already. */
const run = (args: string[], env: Record<string, string> = {}) =>
  runInHost({ args, folder: tmpdir(), env, input: '' })

test('a start without settings lists all problems: exit code 2', async () => {
  const { code, stderr } = await run(['serve'], { PORT: 'eighty', GENESYS_ENV: 'example.org' })
  assert.equal(code, 2)
  for (const name of [
    'GENESYS_CLIENT_ID',
    'GENESYS_CLIENT_SECRET',
    'WEBHOOK_SECRETS',
    'PORT',
    'GENESYS_ENV',
  ]) {
    assert.match(stderr, new RegExp(`- ${name}`))
  }
  assert.doesNotMatch(stderr, /\n\s+at /, 'no stack trace')
})

test('weak secrets are refused with position, minimum and fix, without their values: exit code 2', async (t) => {
  const { environment } = await setUp(t)
  const weak = { WEBHOOK_SECRETS: 'v1,whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw,hush', WEBHOOK_TOKENS: 'hush' }
  const { code, stdout, stderr } = await run(['serve'], { ...environment, ...weak })
  assert.equal(code, 2)
  assert.match(stderr, /- WEBHOOK_SECRETS .*entry 1 is the prefix "v1," of a whsec_ secret: remove it/)
  assert.match(stderr, /entry 3 has 4 characters, but needs at least 16: .*openssl rand -base64 32/)
  assert.match(stderr, /- WEBHOOK_TOKENS .*entry 1 has 4 characters, but needs at least 8: .*openssl rand/)
  assert.doesNotMatch(stdout + stderr, /hush|MfKQ9r8G|\n\s+at /)
})

test('an invalid rules file is refused with file, line and column: exit code 2', async (t) => {
  const { environment, folder } = await setUp(t)
  const file = join(folder, 'rules.yaml')
  await writeFile(
    file,
    'version: 1\nrules:\n  - name: a\n    on: [customer.start]\n    when: participant.purpse == "x"\n    set: { a: b }\n',
  )
  const { code, stderr } = await run(['serve'], environment)
  assert.equal(code, 2)
  assert.ok(stderr.includes(`${file}:5:23 rules[0].when`), stderr)
})

test('an inbox in use by another process is refused: exit code 1', async (t) => {
  const { environment } = await setUp(t)
  await startInProcess(t, environment)
  const { code, stderr } = await run(['serve'], environment)
  assert.equal(code, 1)
  assert.match(stderr, /in use by another process/)
})

test('a port in use prints one line: exit code 1', async (t) => {
  const { environment } = await setUp(t)
  const { url } = await startInProcess(t, environment)
  const other = { ...environment, PORT: new URL(url).port, STORE_URL: `${environment.STORE_URL}.other` }
  const { status, stderr } = runProcess(['serve'], other)
  assert.equal(status, 1)
  assert.match(stderr, /^Cannot listen: .*EADDRINUSE.*\n$/)
})

test('invalid usage exits with 2, help and version with 0', async (t) => {
  assert.equal((await run(['nonsense'])).code, 2)
  assert.equal((await run(['simulate', '--port', 'x'])).code, 2)
  assert.equal((await run(['--help'])).code, 0)
  const { code, stdout } = await run(['--version'])
  assert.equal(code, 0)
  assert.match(stdout, /^\d+\.\d+\.\d+\n$/)
  const folder = await temporaryFolder(t)
  assert.equal((await run(['rules', 'check', join(folder, 'none.yaml')])).code, 2)
})

test('the demo succeeds, without colours if its output is not a terminal', () => {
  const { status, stdout, stderr } = runProcess(['demo'])
  assert.equal(status, 0, stdout + stderr)
  assert.equal(stderr, '')
  assert.ok(!stdout.includes('\u001b'))
  assert.match(stdout, /All steps gave the expected result/)
})
