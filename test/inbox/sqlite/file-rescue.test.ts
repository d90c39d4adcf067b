import assert from 'node:assert/strict'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import Database from 'better-sqlite3'
import { identify, identifyOneOf, keepUnder } from '../../../src/inbox/sqlite/file-rescue.ts'
import { type Owner, temporaryFolder } from '../../helpers/folder.ts'

async function openFile(t: Owner) {
  const file = join(await temporaryFolder(t), 'inbox.db')
  const database = new Database(file)
  t.after(() => database.close())
  database.exec('CREATE TABLE events (id)')
  return { file, name: `${file}.kept`, database, ids: identify(file) }
}

test('a file that has a second name outlives the removal of the first one', async (t) => {
  const open = await openFile(t)
  assert.equal(await keepUnder(open.name, open), true)
  assert.equal(identify(open.name).file, open.ids.file)
  await rm(open.file)
  assert.equal(identify(open.name).file, open.ids.file)
})

test('a file that was removed or replaced after the look gets no second name', async (t) => {
  const open = await openFile(t)
  await rm(open.file)
  assert.equal(await keepUnder(open.name, open), false)
  await writeFile(open.file, 'of somebody else')
  assert.equal(await keepUnder(open.name, open), false)
  assert.equal(identify(open.name).file, undefined, 'no name is left')
  assert.throws(() => identifyOneOf(new Set([open.ids.file]), open.file), /another file came to/)
})
