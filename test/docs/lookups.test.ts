import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { z } from 'zod'
import { loadFileTable, maxFileBytes } from '../../src/lookups/file-table.ts'
import { createHttpTable } from '../../src/lookups/http-table.ts'
import { failureCauses } from '../../src/lookups/lookup-call.ts'
import { createLookupFailures } from '../../src/lookups/lookup-failures.ts'
import { fileLookupSchema, httpLookupSchema, lookupSchema } from '../../src/lookups/lookup-schema.ts'
import { maxRowBytes } from '../../src/lookups/table.ts'
import { maxColumns, maxRows } from '../../src/lookups/table-builder.ts'
import { temporaryFolder } from '../helpers/folder.ts'
import { captureLog } from '../helpers/log.ts'
import { fencesOf, readPage } from './markdown.ts'

const page = await readPage('docs/lookups.md')
const fences = fencesOf(page)
const section = (heading: string): string =>
  page.split(/^(?=## )/m).find((part) => part.startsWith(heading)) ?? ''

/** Fields and defaults from the table of a section. */
const documented = (heading: string): Record<string, string> =>
  Object.fromEntries(
    [...section(heading).matchAll(/^\| `(\w+)` \| (?!\|)([^|]+) \| [^|]+ \|$/gm)].map(
      ([, field = '', value = '']) => [field, value.replaceAll('`', '')],
    ),
  )

const url = 'https://crm.example.com/{key}'
const kinds = [
  {
    heading: '## Tables in files',
    fields: Object.keys(fileLookupSchema.shape),
    defaults: { ...fileLookupSchema.parse({ file: 'a.json' }), file: 'required' },
    inWords: { key: 'none', format: 'by the ending' },
  },
  {
    heading: '## Tables behind HTTP',
    fields: Object.keys(httpLookupSchema.shape),
    defaults: { ...httpLookupSchema.parse({ url }), url: 'required' },
    inWords: { headers: 'none', columns: 'all' },
  },
]

for (const { heading, fields, defaults, inWords } of kinds) {
  test(`docs/lookups.md, ${heading}: every field with its default`, () => {
    const real = Object.entries({ ...defaults, ...inWords }).map(([field, value]) => [field, String(value)])
    assert.deepEqual(documented(heading), Object.fromEntries(real))
    assert.deepEqual(Object.keys(documented(heading)).sort(), fields.sort())
  })
}

test('docs/lookups.md states the ranges of the code', () => {
  const ranges = [
    ...section('## Tables behind HTTP').matchAll(/^\| `(\w+)` \| \d+ \| .*?([\d,]+) to ([\d,]+)/gm),
  ]
  assert.equal(ranges.length, 5)
  for (const [, field = '', least = '', most = ''] of ranges) {
    const accepts = (value: number): boolean => httpLookupSchema.safeParse({ url, [field]: value }).success
    const [from, to] = [least, most].map((text) => Number(text.replaceAll(',', '')))
    assert.ok(from !== undefined && to !== undefined)
    assert.deepEqual([from - 1, from, to, to + 1].map(accepts), [false, true, true, false], field)
  }
})

test('docs/lookups.md states the limits of the code', () => {
  const limits = section('## Tables in files')
  for (const limit of [...Object.values(maxFileBytes), maxRows, maxColumns, maxRowBytes])
    assert.ok(limits.includes(limit.toLocaleString('en-US')), String(limit))
})

test('docs/lookups.md lists every cause of a failure', () => {
  const causes = [...section('## Tables behind HTTP').matchAll(/^\| `(\w+)` \| [^|]+ \|$/gm)].map(
    ([, cause]) => cause,
  )
  assert.deepEqual(causes, failureCauses)
})

test('the definitions of docs/lookups.md are valid, and the tables of its files load', async (t) => {
  const folder = await temporaryFolder(t)
  const files = fences.flatMap(({ info, text }) => {
    const [, name] = /^(?:csv|json|yaml) (\S+\.\w+)$/.exec(info) ?? []
    return name === undefined ? [] : [{ name, text }]
  })
  for (const { name, text } of files) await writeFile(join(folder, name), text)
  const examples = fences.filter(({ info }) => info === 'yaml lookups')
  assert.ok(examples.length >= 3 && files.length >= 5)
  const loaded = new Set<string>()
  for (const { text } of examples) {
    const { lookups } = z.object({ lookups: z.record(z.string(), lookupSchema) }).parse(parse(text))
    for (const definition of Object.values(lookups)) {
      if (definition.kind === 'http') {
        createHttpTable(definition.lookup, { folder, now: Date.now, random: Math.random }).close()
        continue
      }
      const result = await loadFileTable(definition.lookup, folder)
      assert.ok(result.kind === 'ok' && result.table.size > 0, JSON.stringify(result))
      loaded.add(join(definition.lookup.file))
    }
  }
  assert.deepEqual(loaded, new Set(files.map(({ name }) => name)))
})

test('docs/lookups.md describes the row of its file', async (t) => {
  const folder = await temporaryFolder(t)
  const csv = fences.find(({ info }) => info === 'csv tiers.csv')
  await writeFile(join(folder, 'tiers.csv'), csv?.text ?? '')
  const result = await loadFileTable(fileLookupSchema.parse({ file: 'tiers.csv', key: 'phone' }), folder)
  assert.ok(result.kind === 'ok')
  const key = /`lookup\("tiers", "([^"]+)"\)` has the columns/.exec(page)?.[1] ?? ''
  assert.deepEqual({ ...result.table.get(key) }, { phone: key, tier: 'gold', greeting: '' })
})

test('docs/lookups.md shows the real log line of a failed lookup', () => {
  const { logger, entries } = captureLog()
  createLookupFailures({ log: logger, monotonic: () => 0 }).of('crm')('status', 503)
  const shown = JSON.parse(fences.find(({ info }) => info === 'json lookup failed')?.text ?? '')
  const { time } = shown
  assert.deepEqual(shown, { ...entries()[0], time })
})
