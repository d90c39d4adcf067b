import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { adminStatus } from '../../src/admin/admin-schemas.ts'
import { deadLetterPage, eventItem } from '../../src/admin/event-schemas.ts'
import { trace } from '../../src/admin/trace-schema.ts'
import { version } from '../../src/config/version.ts'
import { health } from '../../src/health/health-schemas.ts'
import { createTotals } from '../../src/metrics/totals.ts'
import { removeFolder, temporaryFolder } from '../helpers/folder.ts'
import { startService } from '../helpers/service.ts'
import { until } from '../helpers/wait.ts'
import { fencesOf, readPage } from './markdown.ts'

const admin = await readPage('docs/operations/admin.md')
const logs = await readPage('docs/operations/logs.md')

test('docs/operations/admin.md names every total', () => {
  const section = /^### Totals$[\s\S]*?(?=^## )/m.exec(admin)?.[0] ?? ''
  const named = [...section.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name)
  assert.deepEqual(named, Object.keys(createTotals()))
})

const folder = new URL('../../src/', import.meta.url)
const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.ts'))
const sources = new Map(
  await Promise.all(
    names.map(async (name) => [name, await readFile(new URL(name, folder), 'utf8')] as const),
  ),
)

test('docs/operations/logs.md has every log line of the service', () => {
  const inOtherPrograms = /^(cli|doctor|simulator)\//
  const served = [...sources].filter(([name]) => !inOtherPrograms.test(name)).map(([, text]) => text)
  const call = /\.(?:debug|info|warn|error|fatal)\(\s*(?:\{(?:[^{}]|\{[^{}]*\})*\}|\w+),\s*'([^']+)',?\s*\)/g
  const messages = served.flatMap((text) => [...text.matchAll(call)].map(([, message = '']) => message))
  assert.ok(messages.length >= 50, String(messages.length))
  for (const message of messages) assert.ok(logs.includes(`\`${message}\``), message)
})

test('the source contains every log line of docs/operations/logs.md', () => {
  const source = [...sources.values()].join('\n')
  const rows = [...logs.matchAll(/^\| (?:debug|info|warn|error|fatal) \| (.+?) \|/gm)]
  const messages = rows.flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, message]) => message),
  )
  assert.ok(messages.length >= 40)
  for (const message of messages) assert.ok(source.includes(`'${message}'`), message)
})

test('answers in the documentation have the fields of real answers', () => {
  const answers = fencesOf(admin)
    .filter(({ info }) => info === 'json')
    .map(({ text }) => JSON.parse(text))
  const status = answers.find((answer) => 'totals' in answer)
  assert.deepEqual(adminStatus.parse(status), status)
  const page = answers.find((answer) => 'items' in answer)
  assert.deepEqual(deadLetterPage.parse(page), page)
})

test('docs/operations/admin.md names every field of an event', () => {
  const section = /^## Events$[\s\S]*?(?=^## )/m.exec(admin)?.[0] ?? ''
  for (const field of Object.keys(eventItem.shape)) assert.ok(section.includes(`\`${field}\``), field)
})

test('docs/operations/admin.md explains every result of a rule, and every field', () => {
  const section = /^### Results of rules$[\s\S]*/m.exec(admin)?.[0] ?? ''
  const rule = trace.shape.rules.element.shape
  const inSentences = ['rule', 'result', 'code', 'needs', 'sets', 'participantId']
  const fields = Object.keys(rule).filter((field) => !inSentences.includes(field))
  for (const name of [...rule.result.options, ...fields])
    assert.match(section, new RegExp(`^\\| \`${name}\` \\|`, 'm'), name)
  for (const name of inSentences.slice(2)) assert.ok(section.includes(`\`${name}\``), name)
})

test('docs/operations/probes.md explains every field of /health', async () => {
  const page = await readPage('docs/operations/probes.md')
  const firstCells = [...page.matchAll(/^\| (`[^|]+) \|/gm)].flatMap(([, cell = '']) => [
    ...cell.matchAll(/`(\w+)`/g),
  ])
  const explained = new Set(firstCells.map(([, name]) => name))
  for (const [name, check] of Object.entries(health.shape.checks.shape)) {
    const { shape } = 'unwrap' in check ? check.unwrap() : check
    assert.ok(explained.has(name), name)
    for (const field of Object.keys(shape))
      assert.ok(field === 'ok' || explained.has(field), `${name}.${field}`)
  }
})

test('examples show the current version of the service', async () => {
  const folder = new URL('../../docs/operations/', import.meta.url)
  const pages = (await readdir(folder)).filter((name) => name !== 'upgrade.md')
  const texts = await Promise.all(pages.map((name) => readPage(`docs/operations/${name}`)))
  const shown = texts.flatMap((text) => [...text.matchAll(/\bversion"?:? "?(\d+\.\d+\.\d+)/g)])
  assert.ok(shown.length >= 3)
  for (const [example, shownVersion] of shown) assert.equal(shownVersion, version, example)
})

test('docs/operations/failures.md shows /health after the folder of the inbox was removed', async (t) => {
  const folder = join(await temporaryFolder(t), 'data')
  const url = await startService(t, { environment: { STORE_URL: `sqlite:${join(folder, 'inbox.db')}` } })
  await removeFolder(folder)
  const store = await until('the store check fails', async () => {
    const { checks } = (await (await fetch(`${url}/health`)).json()) as { checks: { store: { ok: boolean } } }
    return !checks.store.ok && checks.store
  })
  const shown = fencesOf(await readPage('docs/operations/failures.md')).find(({ info }) => info === 'json')
  const real = JSON.stringify(store).replaceAll(folder, '/data')
  assert.deepEqual(JSON.parse(shown?.text ?? ''), JSON.parse(real))
})
