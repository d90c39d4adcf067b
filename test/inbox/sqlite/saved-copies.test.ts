import assert from 'node:assert/strict'
import { link, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { findSavedCopies, savedCopyPath } from '../../../src/inbox/sqlite/saved-copies.ts'
import { inboxFile } from './harness.ts'

const at = Date.UTC(2026, 0, 5, 9, 30)

test('the copies beside an inbox are found, oldest first, without unfinished ones and files of SQLite', async (t) => {
  const file = await inboxFile(t)
  const [older, newer] = [savedCopyPath(file, at), savedCopyPath(file, at + 1)]
  const others = ['.part', '-wal', '-shm', '.lock'].map((suffix) => `${older}${suffix}`)
  for (const path of [newer, older, ...others, `${file}.rescued-by-hand`, savedCopyPath(`${file}2`, at)])
    await writeFile(path, '')
  assert.deepEqual(findSavedCopies(file), [older, newer], 'the inbox itself is missing')
  await writeFile(file, '')
  assert.deepEqual(findSavedCopies(file), [older, newer])
  assert.deepEqual(findSavedCopies(older), [], 'a copy in use')
})

test('a copy that is the inbox file under another name is none', async (t) => {
  const file = await inboxFile(t)
  await writeFile(file, '')
  await link(file, savedCopyPath(file, at))
  assert.deepEqual(findSavedCopies(file), [])
})

test('the copies lie beside the file that a link names', async (t) => {
  const file = await inboxFile(t)
  const alias = join(dirname(file), 'link.db')
  await symlink(file, alias)
  for (const path of [file, savedCopyPath(file, at)]) await writeFile(path, '')
  assert.deepEqual(findSavedCopies(alias), [savedCopyPath(file, at)])
})

test('a path without a folder has no copies', async (t) => {
  const file = await inboxFile(t)
  await writeFile(file, '')
  assert.deepEqual(findSavedCopies(join(file, 'inbox.db')), [])
  assert.deepEqual(findSavedCopies(join(dirname(file), 'missing', 'inbox.db')), [])
})
