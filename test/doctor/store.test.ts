import assert from 'node:assert/strict'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import Database from 'better-sqlite3'
import { migrations } from '../../src/inbox/sqlite/migrations.ts'
import { openSqliteInbox } from '../../src/inbox/sqlite/sqlite.ts'
import { readOnlyFolder } from '../helpers/disk.ts'
import { setUpDoctor } from './harness.ts'

const open = (file: string) => openSqliteInbox({ file, maxPending: 10, now: Date.now })

/** Bytes free, in blocks of 1,000. */
const withFree = (bytes: number) => ({ statfs: async () => ({ bavail: bytes / 1_000, bsize: 1_000 }) })

test('a store that does not exist yet: the nearest folder is tested, and nothing stays behind', async (t) => {
  const { run, folder } = await setUpDoctor(t)
  const { of } = await run()
  assert.match(of('store').finding, /inbox\.db does not exist yet, the first start creates it$/)
  assert.equal(of('store-write').finding, `a test file in ${folder} was written and flushed (fsync)`)
  assert.deepEqual(await readdir(folder), ['rules.yaml'])
})

test('the store of a stopped service: schema and writes are checked, and no file changes', async (t) => {
  const { run, folder } = await setUpDoctor(t)
  await open(join(folder, 'data', 'inbox.db')).close()
  const before = await readdir(join(folder, 'data'))
  const { notOk, of } = await run()
  assert.deepEqual(notOk, { service: 'skipped', 'admin-token': 'skipped' })
  assert.match(of('store').finding, new RegExp(`inbox\\.db, schema ${migrations.length}$`))
  assert.deepEqual(await readdir(join(folder, 'data')), before)
})

test('the store of a running service is fine, and its folder is not written', async (t) => {
  const { run, folder } = await setUpDoctor(t)
  const inbox = open(join(folder, 'data', 'inbox.db'))
  t.after(() => inbox.close())
  const { notOk, of } = await run()
  assert.deepEqual(notOk, { 'store-write': 'skipped', service: 'skipped', 'admin-token': 'skipped' })
  assert.match(of('store').finding, new RegExp(`schema ${migrations.length}, in use by a running service$`))
  await inbox.checkWritable()
})

test('a saved copy beside the store is a warning that says how to deliver its events', async (t) => {
  const { run, folder } = await setUpDoctor(t)
  const file = join(folder, 'data', 'inbox.db')
  const copy = `${file}.rescued-2026-01-05T09-30-00.000Z`
  await open(file).close()
  await open(copy).close()
  const storeResults = async () => (await run()).results.filter(({ check }) => check === 'store')
  const [store, warning, ...others] = await storeResults()
  assert.deepEqual([store?.result, warning?.result, others], ['ok', 'warning', []])
  assert.equal(warning?.finding, `${copy} is a saved copy of the inbox that is not in use`)
  assert.match(warning?.remedy ?? '', /start it with sqlite: and the path of the copy as STORE_URL/)
  await writeFile(file, 'another file, which is not an inbox')
  assert.deepEqual(
    (await storeResults()).map(({ result }) => result),
    ['failed', 'warning'],
  )
})

test('a store of an older version is fine, and of a newer version fails', async (t) => {
  const { run, folder } = await setUpDoctor(t)
  const file = join(folder, 'data', 'inbox.db')
  await open(file).close()
  const setSchema = (version: number) => {
    const database = new Database(file)
    database.pragma('journal_mode = DELETE')
    database.pragma(`user_version = ${version}`)
    database.close()
  }
  setSchema(3)
  const older = (await run()).of('store')
  assert.equal(older.result, 'ok')
  assert.match(older.finding, new RegExp(`has schema 3, the next start migrates it to ${migrations.length}$`))
  setSchema(migrations.length + 1)
  const newer = (await run()).of('store')
  assert.equal(newer.result, 'failed')
  assert.match(newer.finding, /a newer version wrote it$/)
})

test('a file that is not an inbox and a folder in its place fail, and the other checks of the store are skipped', async (t) => {
  const { run, folder } = await setUpDoctor(t)
  const [text, directory] = [join(folder, 'text'), join(folder, 'directory')]
  await writeFile(text, 'This is a letter, and no database at all. '.repeat(10))
  await mkdir(directory)
  for (const [path, finding] of [
    [text, /is damaged or not an SQLite database/],
    [directory, /cannot be opened \(EISDIR/],
    [join(text, 'inbox.db'), /cannot be opened \(ENOTDIR/],
  ] as const) {
    const { of } = await run({ environment: { STORE_URL: `sqlite:${path}` } })
    assert.equal(of('store').result, 'failed', path)
    assert.match(of('store').finding, finding)
    assert.deepEqual([of('store-write').result, of('free-space').result], ['skipped', 'skipped'])
  }
})

test('a folder in which no file can be created fails, even for root', async (t) => {
  const { run } = await setUpDoctor(t)
  const { of } = await run({ environment: { STORE_URL: 'sqlite:/proc/inbox.db' } })
  assert.equal(of('store-write').result, 'failed')
  assert.match(of('store-write').finding, /^\/proc\/\S+ cannot be created \(\w+\)$/)
})

test('a read-only file system fails', async (t) => {
  const { run } = await setUpDoctor(t)
  const readOnly = await readOnlyFolder(t, async (folder) => open(join(folder, 'inbox.db')).close())
  if (readOnly === undefined) return t.skip('this user cannot mount')
  const { of } = await run({ environment: { STORE_URL: `sqlite:${readOnly}/inbox.db` } })
  assert.equal(of('store').result, 'ok')
  assert.equal(of('store-write').result, 'failed')
  assert.equal(of('store-write').finding, `${readOnly}/inbox.db cannot be written (EROFS)`)
})

for (const [bytes, result, finding] of [
  [12_345_000_000, 'ok', /^12\.3 GB free in /],
  [1_000_000_000, 'ok', /^1\.0 GB free in /],
  [999_999_000, 'warning', /^999 MB free in /],
  [100_000_000, 'warning', /^100 MB free in /],
  [99_999_000, 'failed', /^99 MB free in /],
] as const) {
  test(`${bytes} free bytes: ${result}`, async (t) => {
    const { run } = await setUpDoctor(t)
    const { of } = await run({}, withFree(bytes))
    assert.equal(of('free-space').result, result)
    assert.match(of('free-space').finding, finding)
  })
}

test('free space that cannot be read is a warning', async (t) => {
  const { run } = await setUpDoctor(t)
  const statfs = async () => {
    throw Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' })
  }
  const { of } = await run({}, { statfs })
  assert.equal(of('free-space').result, 'warning')
  assert.match(of('free-space').finding, /cannot be read \(EACCES\)$/)
})
