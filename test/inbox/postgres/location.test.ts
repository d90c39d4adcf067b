import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseLocation } from '../../../src/inbox/postgres/location.ts'

test('a URL gives hosts, credentials and database', () => {
  const { hosts, user, password, database, shown } = parseLocation('//us%40er:p%2Fw@db1,[::1]:5433/in%20box')
  assert.deepEqual(hosts, [
    { host: 'db1', port: 5432 },
    { host: '::1', port: 5433 },
  ])
  assert.deepEqual([user, password, database], ['us@er', 'p/w', 'in box'])
  assert.equal(shown, 'db1:5432,::1:5433/in box')
})

test('a socket folder, schema, session settings and timeout are parameters', () => {
  const given = parseLocation('//u@/db?host=/run/pg&search_path=a,b&options=-c x=1&connect_timeout=2')
  assert.deepEqual(given.hosts, [{ host: '/run/pg', port: 5432 }])
  assert.equal(given.options, '-c x=1 -c search_path=a,b')
  assert.equal(given.connectTimeoutMs, 2_000)
})

for (const [mode, expected] of [
  ['disable', undefined],
  ['require', false],
  ['verify-ca', true],
  ['verify-full', true],
] as const)
  test(`sslmode=${mode} decides whether the certificate is checked`, () => {
    const { tls } = parseLocation(`//u:p@h/db?sslmode=${mode}`)
    assert.equal(tls === false ? undefined : tls.rejectUnauthorized, expected)
    const checksName =
      tls !== false && tls.rejectUnauthorized === true && tls.checkServerIdentity === undefined
    assert.equal(checksName, mode === 'verify-full')
  })

for (const [location, problem] of [
  ['//u:hush@/db', /names no host/],
  ['//h/db', /names no user/],
  ['//u:hush@h', /names no database/],
  ['//u:hush@h:99999/db', /host or port that is not valid/],
  ['//u:hush%zz@h/db', /a % that is not followed by a code/],
  ['//u:hush@h/db?ssl=1', /unknown parameter "ssl": use sslmode/],
  ['//u:hush@h/db?sslmode=prefer', /use disable, require, verify-ca or verify-full/],
  [
    '//u:hush@h/db?sslmode=verify-full&sslrootcert=/none',
    /file of sslrootcert, \/none, cannot be read \(ENOENT\)/,
  ],
  ['//u:hush@h/db?connect_timeout=0', /whole number of seconds from 1 to 999/],
] as const)
  test(`${location.replace('hush', '…')} is refused with the problem, without the password`, () => {
    assert.throws(
      () => parseLocation(location),
      (error: Error) => {
        assert.match(error.message, problem)
        return !error.message.includes('hush')
      },
    )
  })
