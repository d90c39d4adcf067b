import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, readFile, rename, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { libraryFiles } from '../../src/dashboard/libraries.ts'
import { readPage } from '../../src/dashboard/page-files.ts'
import { ConfigurationError, startService } from '../../src/embed/start-service.ts'
import { type Simulator, startSimulator } from '../../src/simulator/simulator.ts'
import { temporaryFolder } from '../helpers/folder.ts'
import { until } from '../helpers/wait.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))
const rulesText = `version: 1
rules:
  - name: channel
    on: [conversation:created]
    set: { channel: voice }
`

const settings = (simulator: Simulator, folder: string) => ({
  GENESYS_CLIENT_ID: 'demo',
  GENESYS_CLIENT_SECRET: 'demo',
  GENESYS_API_URL: simulator.url,
  GENESYS_LOGIN_URL: simulator.url,
  WEBHOOK_TOKENS: 'relay-token',
  HOST: '127.0.0.1',
  PORT: '0',
  RULES_FILE: join(folder, 'rules.yaml'),
  STORE_URL: `sqlite:${join(folder, 'inbox.db')}`,
})

test('it starts from plain settings, delivers, reloads rules and stops', async (t) => {
  const simulator = await startSimulator({ strict: false })
  t.after(() => simulator.close())
  const folder = await temporaryFolder(t)
  await writeFile(join(folder, 'rules.yaml'), rulesText)
  const lines: string[] = []
  const service = await startService({
    environment: settings(simulator, folder),
    log: { write: (line) => lines.push(line) },
  })
  t.after(() => service.stop())
  const event = { type: 'conversation:created', conversationId: 'c1', participantId: 'p1' }
  const response = await fetch(`${service.url}/webhooks/genesys`, {
    method: 'POST',
    headers: { 'x-api-key': 'relay-token', 'content-type': 'application/json' },
    body: JSON.stringify(event),
  })
  assert.equal(response.status, 202)
  await until('the event is settled', () => service.totals().applied + service.totals().dead === 1)
  assert.equal(await service.reloadRules(), 'unchanged')
  await service.stop()
  assert.ok(lines.every((line) => line.endsWith('\n') && JSON.parse(line).level !== undefined))
})

test('regression: after a start on a port in use, the inbox stayed locked in the process', async (t) => {
  const simulator = await startSimulator({ strict: false })
  t.after(() => simulator.close())
  const folder = await temporaryFolder(t)
  await writeFile(join(folder, 'rules.yaml'), rulesText)
  const environment = settings(simulator, folder)
  const log = { write: () => undefined }
  const { port } = new URL(simulator.url)
  await assert.rejects(startService({ environment: { ...environment, PORT: port }, log }), {
    code: 'EADDRINUSE',
  })
  const service = await startService({ environment, log })
  await service.stop()
})

test('wrong settings are reported all at once', async () => {
  await assert.rejects(startService({ environment: { PORT: 'x' } }), (error) => {
    assert.ok(error instanceof ConfigurationError)
    assert.ok(error.problems.length > 1, error.problems.join('\n'))
    return true
  })
})

test('the installed package exports startService and the simulator with types, and nothing else, and has the dashboard', async (t) => {
  const folder = await temporaryFolder(t)
  const packed = join(folder, 'node_modules', 'genesys-enricher')
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const options = ['--noCheck', '--outDir', join(folder, 'dist')] // lint and typecheck are steps of their own
  await run(process.execPath, [tsc, '-p', 'tsconfig.build.json', ...options], {
    cwd: root,
  })
  await run(process.execPath, ['scripts/copy-dashboard.ts', join(folder, 'dist')], { cwd: root })
  await mkdir(packed, { recursive: true })
  const { exports } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  for (const { types, default: file } of [exports['.'], exports['./simulator']])
    for (const path of [types, file]) assert.ok(existsSync(join(folder, path)), path)
  await writeFile(join(packed, 'package.json'), readFileSync(join(root, 'package.json')))
  await rename(join(folder, 'dist'), join(packed, 'dist'))
  await symlink(join(root, 'node_modules'), join(packed, 'node_modules'))
  const script = `
    import { startService, ConfigurationError } from 'genesys-enricher'
    import * as main from 'genesys-enricher'
    import { startSimulator } from 'genesys-enricher/simulator'
    const failure = await startService({ environment: {} }).catch((error) => error)
    const { readPage } = await import('./node_modules/genesys-enricher/dist/dashboard/page-files.js')
    const page = await readPage()
    const closed = await import('genesys-enricher/dist/service.js').catch((error) => error.code)
    console.log(JSON.stringify([failure instanceof ConfigurationError, Object.keys(main), typeof startSimulator, closed, [...page.files.keys()], page.importMapHash]))`
  await writeFile(join(folder, 'use.mjs'), script)
  const { stdout } = await run(process.execPath, ['use.mjs'], { cwd: folder })
  const page = await readPage()
  assert.deepEqual(JSON.parse(stdout), [
    true,
    ['ConfigurationError', 'InboxOpenError', 'startService'],
    'function',
    'ERR_PACKAGE_PATH_NOT_EXPORTED',
    [...page.files.keys()],
    page.importMapHash,
  ])
  const libraries = join(packed, 'dist', 'dashboard', 'libraries')
  for (const { name } of libraryFiles) assert.ok(existsSync(join(libraries, name)), name)
})
