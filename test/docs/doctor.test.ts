import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { doctorCommand } from '../../src/cli/doctor.ts'
import { version } from '../../src/config/version.ts'
import { checkNames } from '../../src/doctor/check-result.ts'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { setUpDoctor } from '../cli/doctor-harness.ts'
import { serve } from '../genesys/harness.ts'
import { startInProcess } from '../helpers/in-process.ts'
import { fencesOf, readPage } from './markdown.ts'

const page = await readPage('docs/operations/doctor.md')
const fences = fencesOf(page)
const fenceOf = (info: string): string =>
  fences.find((fence) => fence.info === info)?.text ?? assert.fail(info)
const rules = fenceOf('yaml rules.yaml')

/** The output as on a machine with fixed versions, ports, folders and free space. */
function asDocumented(output: string, places: Readonly<Record<string, string>>): string {
  let text = output
  for (const [place, name] of Object.entries(places)) text = text.replaceAll(place, name)
  return text
    .replace(/Node\.js \d+\.\d+\.\d+/, 'Node.js 24.11.0')
    .replace(/[\d.]+ [GM]B free/, '41.7 GB free')
    .replace(/resets in \d+ s/, 'resets in 42 s')
    .replace(`version ${version}`, 'version 0.1.0')
}

async function setUp(t: TestContext) {
  const simulator = await startSimulator()
  t.after(() => simulator.close())
  const { doctor, environment, folder } = await setUpDoctor(t, simulator)
  const relative = { RULES_FILE: './rules.yaml', STORE_URL: 'sqlite:./data/inbox.db' }
  const places = { [new URL(simulator.url).host]: '127.0.0.1:9090', [folder]: '/srv/enricher' }
  return { doctor, environment, folder, relative, places }
}

test('docs/operations/doctor.md shows the output for an installation with three problems', async (t) => {
  const { doctor, folder, relative, places } = await setUp(t)
  await writeFile(join(folder, 'rules.yaml'), rules)
  const { url } = await serve(t, (_request, response) => response.writeHead(404).end())
  const { port } = new URL(url)
  const { code, stdout } = await doctor([], { ...relative, GENESYS_CLIENT_SECRET: 'wrong', PORT: port })
  assert.equal(asDocumented(stdout, { ...places, [port]: '8080' }), fenceOf('text output 1'))
  assert.equal(code, 1)
})

test('docs/operations/doctor.md shows the output for a running service without problems', async (t) => {
  const { doctor, environment, folder, relative, places } = await setUp(t)
  await writeFile(join(folder, 'rules.yaml'), rules.replace('strat', 'start'))
  const { port } = new URL((await startInProcess(t, environment)).url)
  const { code, stdout } = await doctor([], { ...relative, PORT: port })
  assert.equal(asDocumented(stdout, { ...places, [port]: '8080' }), fenceOf('text output 0'))
  assert.equal(code, 0)
})

test('docs/operations/doctor.md shows a part of the real JSON document', async (t) => {
  const { doctor } = await setUp(t)
  const { code, stdout } = await doctor(['--json'], { GENESYS_CLIENT_SECRET: 'wrong' })
  const { results, version: _, ...document } = JSON.parse(stdout)
  const { results: shown, version: __, ...documented } = JSON.parse(fenceOf('json output 1'))
  assert.deepEqual(documented, document)
  for (const result of shown)
    assert.deepEqual(
      result,
      results.find(({ check }: { check: string }) => check === result.check),
    )
  assert.equal(code, 1)
})

test('docs/operations/doctor.md lists every check in its order, and every option', () => {
  const [, section = ''] = page.split('## The checks\n')
  const rows = [...section.matchAll(/^\| (`[^|]+`) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name),
  )
  assert.deepEqual(rows, checkNames)
  const options = [...page.matchAll(/^\| `(--[^`]+)` \|/gm)].map(([, flags]) => flags)
  assert.deepEqual(
    options,
    doctorCommand().options.map(({ flags }) => flags),
  )
})
