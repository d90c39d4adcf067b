import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { formatOf, lookupSchema } from '../../src/lookups/lookup-schema.ts'

const url = 'https://crm.example.com/customers/{key}'

/** `path: message` of each mistake. */
function mistakes(lookup: unknown): string[] {
  const parsed = z.record(z.string(), lookupSchema).safeParse({ tiers: lookup })
  return parsed.success ? [] : parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
}

test('file and key, or url, are enough; other fields have defaults', () => {
  assert.deepEqual(lookupSchema.parse({ file: 'a.csv', key: 'phone' }), {
    kind: 'file',
    lookup: { file: 'a.csv', key: 'phone', delimiter: ',' },
  })
  assert.deepEqual(lookupSchema.parse({ url }), {
    kind: 'http',
    lookup: {
      url,
      headers: {},
      timeoutMs: 2_000,
      ttlSeconds: 300,
      negativeTtlSeconds: 60,
      maxEntries: 10_000,
      concurrency: 5,
      onError: 'skip',
      allowPrivate: false,
    },
  })
})

test('format overrides the file name extension', () => {
  assert.deepEqual(
    ['a.csv', 'a.JSON', 'a.b.yaml', 'yml', 'a.yml', 'csv.txt', 'a'].map((file) => formatOf({ file })),
    ['csv', 'json', 'yaml', 'yaml', 'yaml', undefined, undefined],
  )
  assert.equal(formatOf({ file: 'a.csv', format: 'json' }), 'json')
})

const refused: [lookup: unknown, ...mistakes: string[]][] = [
  [undefined, 'tiers: must be a map with file or url'],
  ['tiers.csv', 'tiers: must be a map with file or url'],
  [['tiers.csv'], 'tiers: must be a map with file or url'],
  [{}, 'tiers.file: must be text'],
  [{ file: 'a.csv' }, 'tiers.key: must name the column of the CSV file with the key'],
  [
    { file: 'a.txt' },
    'tiers.file: does not end in .csv, .json, .yaml or .yml: set format, such as format: csv',
  ],
  [{ file: 'a', format: 'xlsx' }, 'tiers.format: must be csv, json or yaml'],
  [{ file: 'a.csv', key: '' }, 'tiers.key: must not be empty'],
  [
    { file: 'a.csv', kye: 'a' },
    'tiers: Unrecognized key: "kye"',
    'tiers.key: must name the column of the CSV file with the key',
  ],
  [
    { file: 'a.csv', key: 'a', delimiter: '\\t' },
    'tiers.delimiter: must be one character such as ";" (a tab is "\\t" in double quotes)',
  ],
  [{ file: 'a.csv', key: 'a', delimiter: '"' }, 'tiers.delimiter: must not be a quote'],
  [{ url: 'https://crm.example.com/' }, 'tiers.url: must contain {key} exactly once'],
  [{ url, file: 'a.csv' }, 'tiers: Unrecognized key: "file"'],
  [
    { url, timeoutMs: 0, concurrency: 1.5, ttlSeconds: '5' },
    'tiers.timeoutMs: must be a whole number of milliseconds from 50 to 60000',
    'tiers.ttlSeconds: must be a whole number of seconds from 1 to 86400',
    'tiers.concurrency: must be a whole number of calls from 1 to 50',
  ],
  [{ url, onError: 'fail' }, 'tiers.onError: must be skip or retry'],
  [{ url, allowPrivate: 'yes' }, 'tiers.allowPrivate: must be true or false'],
  [{ url, headers: { 'bad name': 'x' } }, 'tiers.headers.bad name: is not a valid header name'],
  [{ url, headers: { Host: 'x' } }, 'tiers.headers.Host: is a header that cannot be set'],
  [
    { url, headers: { 'X-Key': 'a\nb', 'X-Other': { path: 'x' } } },
    'tiers.headers.X-Key: must be one line of text, or { file: path } of a file with it',
    'tiers.headers.X-Other: must be one line of text, or { file: path } of a file with it',
  ],
  [{ url, columns: {} }, 'tiers.columns: must name at least one column'],
  [
    { url, columns: { tier: 'a..b' } },
    'tiers.columns.tier: must be the path of the value in the answer, such as customer.tier',
  ],
]

for (const [lookup, ...expected] of refused) {
  test(`refused: ${JSON.stringify(lookup)}`, () => assert.deepEqual(mistakes(lookup), expected))
}
