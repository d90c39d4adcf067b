import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { readConfig, readPaths } from '../../src/config/config.ts'
import { withPasswordFile } from '../../src/config/password-file.ts'
import { temporaryFolder } from '../helpers/folder.ts'

test('PGPASSFILE is the password file of a URL without a password', () => {
  const environment = { PGPASSFILE: '/run/pass word' }
  assert.equal(
    withPasswordFile('postgres://u@h/db?sslmode=require', environment),
    'postgres://u@h/db?sslmode=require&passfile=%2Frun%2Fpass%20word',
  )
  for (const url of ['postgres://u:p@h/db', 'postgres://u@h/db?passfile=/other', 'sqlite:./inbox.db'])
    assert.equal(withPasswordFile(url, environment), url)
})

test('~/.pgpass is the password file if it exists', async (t) => {
  const home = await temporaryFolder(t)
  const url = 'postgresql://u@h/db'
  assert.equal(withPasswordFile(url, { HOME: home }), url)
  const file = join(home, '.pgpass')
  await writeFile(file, '')
  assert.equal(withPasswordFile(url, { HOME: home }), `${url}?passfile=${encodeURIComponent(file)}`)
})

test('the service and the commands use it', () => {
  const environment = { STORE_URL: 'postgres://u@h/db', PGPASSFILE: '/pass' }
  const url = 'postgres://u@h/db?passfile=%2Fpass'
  assert.equal(readPaths(environment).store, url)
  const read = readConfig({
    ...environment,
    GENESYS_CLIENT_ID: 'x',
    GENESYS_CLIENT_SECRET: 'x',
    GENESYS_ENV: 'mypurecloud.com',
    WEBHOOK_TOKENS: 'relay-token',
  })
  assert.ok(read.kind === 'ok', JSON.stringify(read))
  assert.equal(read.config.inbox.url, url)
})
