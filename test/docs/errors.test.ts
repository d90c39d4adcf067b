import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { type ErrorEntry, errorCatalogue } from '../../src/errors.ts'

const page = await readFile(new URL('../../docs/errors.md', import.meta.url), 'utf8')

test('docs/errors.md and the catalogue have the same codes, statuses, titles and remedies', () => {
  const documented = [...page.matchAll(/^\| `(\w+)` \| (?:(\d+) \| )?(.+?) \| (.+?) \|$/gm)].map(
    ([, code, status = '', title, remedy]) => ({ code, status, title, remedy }),
  )
  const real = Object.entries<ErrorEntry>(errorCatalogue).map(([code, { status, title, remedy }]) => ({
    code,
    status: String(status ?? ''),
    title,
    remedy,
  }))
  const byCode = (a: { code?: string | undefined }, b: { code?: string | undefined }) =>
    String(a.code).localeCompare(String(b.code))
  assert.deepEqual(documented.sort(byCode), real.sort(byCode))
})
