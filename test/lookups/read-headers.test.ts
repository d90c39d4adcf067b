import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { readHeaders } from '../../src/lookups/read-headers.ts'
import { temporaryFolder } from '../helpers/folder.ts'

test('values are in the rules, or in files that are read on every call', async (t) => {
  const folder = await temporaryFolder(t)
  const headers = {
    accept: 'a/b',
    authorization: { file: './token' },
    'x-key': { file: join(folder, 'token') },
  }
  for (const token of ['first', 'second']) {
    await writeFile(join(folder, 'token'), `${token}\n`)
    assert.deepEqual(await readHeaders(headers, folder), {
      kind: 'ok',
      headers: { accept: 'a/b', authorization: token, 'x-key': token },
    })
  }
})

test('missing, empty and multi-line files are reported without their content', async (t) => {
  const folder = await temporaryFolder(t)
  await writeFile(join(folder, 'two'), 'secret\nsecret')
  await writeFile(join(folder, 'empty'), ' \n')
  const headers = { a: { file: 'two' }, b: { file: 'empty' }, c: { file: 'missing' } }
  assert.deepEqual(await readHeaders(headers, folder), {
    kind: 'invalid',
    problems: [
      'the file of header a is empty, or contains more than one line of plain text',
      'the file of header b is empty, or contains more than one line of plain text',
      'the file of header c cannot be read (ENOENT)',
    ],
  })
})
