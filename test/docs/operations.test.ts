import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { deadLetterPage, eventItem } from '../../src/admin/event-schemas.ts'
import { createTotals } from '../../src/metrics/totals.ts'
import { fencesOf, readPage } from './markdown.ts'

const admin = await readPage('docs/operations/admin.md')
const logs = await readPage('docs/operations/logs.md')

test('docs/operations/admin.md names every total', () => {
  const section = /^### Totals$[\s\S]*?(?=^## )/m.exec(admin)?.[0] ?? ''
  const named = [...section.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name)
  assert.deepEqual(named, Object.keys(createTotals()))
})

test('the source contains every log line of docs/operations/logs.md', async () => {
  const folder = new URL('../../src/', import.meta.url)
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.ts'))
  const source = (await Promise.all(names.map((name) => readFile(new URL(name, folder), 'utf8')))).join('\n')
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
  assert.deepEqual(Object.keys(status.totals), Object.keys(createTotals()))
  const page = answers.find((answer) => 'items' in answer)
  assert.deepEqual(deadLetterPage.parse(page), page)
})

test('docs/operations/admin.md names every field of an event', () => {
  const section = /^## Events$[\s\S]*?(?=^## )/m.exec(admin)?.[0] ?? ''
  for (const field of Object.keys(eventItem.shape)) assert.ok(section.includes(`\`${field}\``), field)
})
