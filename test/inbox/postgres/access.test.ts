import assert from 'node:assert/strict'
import { chown, copyFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { type Connections, createConnections } from '../../../src/inbox/postgres/connections.ts'
import { asOpenError } from '../../../src/inbox/postgres/failures.ts'
import { parseLocation } from '../../../src/inbox/postgres/location.ts'
import { certificates, skipWithoutOpenssl } from '../../helpers/certificates.ts'
import { temporaryFolder } from '../../helpers/folder.ts'
import { role, serverUser, skipWithoutPostgres, startPostgres } from '../../helpers/postgres.ts'
import { terminateAll } from '../../helpers/postgres-process.ts'
import { until } from '../../helpers/wait.ts'
import { locationOf } from './harness.ts'

describe('access to the PostgreSQL server', { skip: skipWithoutPostgres }, async () => {
  if (skipWithoutPostgres !== false) return
  const server = await startPostgres({ after })
  const base = (await server.createStore()).replace(/\?.*/, '')
  const withoutPassword = base.replace(`:${role.password}`, '')

  function connectionsTo(url: string): {
    connections: Connections
    location: ReturnType<typeof parseLocation>
  } {
    const location = parseLocation(locationOf(url))
    const monotonic = () => performance.now()
    return { connections: createConnections({ location, max: 1, timeoutMs: 10_000, monotonic }), location }
  }

  /** Whether the connection has TLS, or the error that the operator gets. */
  async function connect(url: string): Promise<boolean | string> {
    const { connections, location } = connectionsTo(url)
    try {
      const [row] = await connections.query<{ ssl: boolean }>(
        'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()',
      )
      return row?.ssl === true
    } catch (error) {
      const { message } = asOpenError(error, location) ?? assert.fail(String(error))
      assert.ok(!message.includes(role.password), message)
      return message
    } finally {
      await connections.close()
    }
  }

  describe('TLS', { skip: skipWithoutOpenssl }, async () => {
    if (skipWithoutOpenssl !== false) return
    const create = await certificates({ after })
    const [own, other] = [await create('server', 'DNS:localhost'), await create('other', 'DNS:localhost')]
    const user = serverUser()
    for (const [from, name] of [
      [own.certFile, 'tls.crt'],
      [own.keyFile, 'tls.key'],
    ] as const) {
      await copyFile(from, join(server.data, name))
      if (user !== undefined) await chown(join(server.data, name), user.uid, user.gid)
    }
    await server.admin("ALTER SYSTEM SET ssl_cert_file = 'tls.crt'")
    await server.admin("ALTER SYSTEM SET ssl_key_file = 'tls.key'")
    await server.admin('ALTER SYSTEM SET ssl = on')
    await server.admin('SELECT pg_reload_conf()')
    await until('the server offers TLS', async () => (await connect(`${base}?sslmode=require`)) === true)
    const named = base.replace('127.0.0.1', 'localhost')
    const authority = `sslrootcert=${encodeURIComponent(own.certFile)}`
    const foreign = `sslrootcert=${encodeURIComponent(other.certFile)}`
    const untrusted =
      /does not come from an authority that the service trusts .* set sslrootcert in STORE_URL/

    for (const [title, url, expected] of [
      ['without sslmode, there is no TLS', base, false],
      ['require accepts any certificate', `${base}?sslmode=require`, true],
      ['require with the authority accepts its certificate', `${base}?sslmode=require&${authority}`, true],
      ['require with another authority refuses', `${base}?sslmode=require&${foreign}`, untrusted],
      ['verify-ca accepts another name', `${base}?sslmode=verify-ca&${authority}`, true],
      ['verify-ca refuses another authority', `${named}?sslmode=verify-ca&${foreign}`, untrusted],
      ['verify-ca refuses an unknown authority', `${named}?sslmode=verify-ca`, untrusted],
      ['verify-full accepts authority and name', `${named}?sslmode=verify-full&${authority}`, true],
      ['verify-full refuses another authority', `${named}?sslmode=verify-full&${foreign}`, untrusted],
      [
        'verify-full refuses another name',
        `${base}?sslmode=verify-full&${authority}`,
        /does not contain the host name in STORE_URL \(ERR_TLS_CERT_ALTNAME_INVALID\).* sslmode=verify-ca/,
      ],
    ] as const)
      test(title, async () => {
        const found = await connect(url)
        if (typeof expected === 'boolean') assert.equal(found, expected)
        else assert.match(String(found), expected)
      })
  })

  describe('password file', async () => {
    const folder = await temporaryFolder({ after })
    const file = join(folder, 'pass')
    const url = `${withoutPassword}?passfile=${encodeURIComponent(file)}`

    test('the first line that fits gives the password', async () => {
      await writeFile(
        file,
        [
          '# a comment',
          '127.0.0.1:1:inbox:enricher:other-port',
          `other:${server.port}:inbox:enricher:other-host`,
          '*:*:*:another:other-user',
          `127.0.0.1:*:inbox:enricher:${role.password}`,
          '*:*:*:*:too-late',
        ].join('\n'),
        { mode: 0o600 },
      )
      assert.equal(await connect(url), false)
    })

    test('a backslash keeps a colon or a backslash', async () => {
      await server.admin(`CREATE ROLE "we:ird" LOGIN PASSWORD 'a:b\\c'`)
      await writeFile(file, 'localhost:*:*:*:no\n127.0.0.1:*:*:we\\:ird:a\\:b\\\\c\n')
      assert.equal(await connect(url.replace('enricher@', 'we%3Aird@')), false)
    })

    test('a changed password needs no restart', async () => {
      await writeFile(file, `*:*:*:*:${role.password}`)
      const { connections } = connectionsTo(url)
      try {
        await connections.query('SELECT 1')
        await server.admin(`ALTER ROLE ${role.name} PASSWORD 'changed'`)
        await writeFile(file, '*:*:*:*:changed')
        await terminateAll(server, role.name)
        await until('a new connection is open', () =>
          connections.query('SELECT 1').then(
            () => true,
            () => false,
          ),
        )
      } finally {
        await connections.close()
        await server.admin(`ALTER ROLE ${role.name} PASSWORD '${role.password}'`)
      }
    })

    test('a wrong password, no line, no file, no password and an open file are errors that name the remedy', async () => {
      await writeFile(file, '*:*:*:*:wrong')
      assert.match(String(await connect(url)), /refuses the password .* correct the password in the file/)
      await writeFile(file, 'other:*:*:*:wrong')
      assert.match(
        String(await connect(url)),
        new RegExp(`has no line for .* add 127\\.0\\.0\\.1:${server.port}:inbox:enricher:PASSWORD`),
      )
      assert.match(String(await connect(`${url}-missing`)), /pass-missing cannot be read \(ENOENT\)/)
      assert.match(
        String(await connect(withoutPassword)),
        /demands a password for enricher: add it to STORE_URL/,
      )
      await writeFile(`${file}-open`, '*:*:*:*:x', { mode: 0o644 })
      assert.match(String(await connect(`${url}-open`)), /open to other users: run chmod 600/)
    })
  })
})
