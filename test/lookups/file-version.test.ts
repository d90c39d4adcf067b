import assert from 'node:assert/strict'
import { appendFile, mkdir, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileVersion } from '../../src/lookups/file-version.ts'
import { temporaryFolder } from '../helpers/folder.ts'

test('an unchanged file keeps its version', async (t) => {
  const path = join(await temporaryFolder(t), 'a.csv')
  await writeFile(path, 'a')
  assert.equal(await fileVersion(path), await fileVersion(path))
})

test('every change of a file changes its version', async (t) => {
  const folder = await temporaryFolder(t)
  const path = join(folder, 'a.csv')
  const at = new Date('2026-01-05T09:00:00Z')
  const versions = [await fileVersion(path)]
  assert.deepEqual(versions, ['ENOENT'])
  const changes = [
    () => writeFile(path, 'a'),
    () => appendFile(path, 'b'),
    () => utimes(path, at, at),
    // Editors replace a file by a new one; here with the same size and time.
    async () => {
      await writeFile(`${path}.new`, 'xy')
      await utimes(`${path}.new`, at, at)
      await rename(`${path}.new`, path)
    },
    () => rm(path),
  ]
  for (const change of changes) {
    await change()
    const version = await fileVersion(path)
    assert.notEqual(version, versions.at(-1))
    versions.push(version)
  }
  assert.equal(versions.at(-1), 'ENOENT')
})

test('a changed link changes the version, as when Kubernetes updates a ConfigMap', async (t) => {
  const folder = await temporaryFolder(t)
  for (const name of ['first', 'second']) {
    await mkdir(join(folder, name))
    await writeFile(join(folder, name, 'a.csv'), 'same')
  }
  await symlink('first', join(folder, '..data'))
  await symlink(join('..data', 'a.csv'), join(folder, 'a.csv'))
  const before = await fileVersion(join(folder, 'a.csv'))
  await symlink('second', join(folder, '..data_tmp'))
  await rename(join(folder, '..data_tmp'), join(folder, '..data'))
  assert.notEqual(await fileVersion(join(folder, 'a.csv')), before)
})

test('the version of an unreadable file is the error code', async (t) => {
  const folder = await temporaryFolder(t)
  await writeFile(join(folder, 'file'), '')
  assert.equal(await fileVersion(join(folder, 'file', 'a.csv')), 'ENOTDIR')
})
