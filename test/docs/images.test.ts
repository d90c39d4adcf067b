import assert from 'node:assert/strict'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('../../docs/images', import.meta.url))

test('every picture has at most 100 KB', async () => {
  const names = await readdir(folder)
  assert.ok(names.length >= 10)
  for (const name of names) {
    const { size } = await stat(join(folder, name))
    assert.ok(size <= 100_000, `${name}: ${size} bytes`)
  }
})
