import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { newEvent } from '../../helpers/conversation-events.ts'
import { type Owner, temporaryFolder } from '../../helpers/folder.ts'
import {
  freePort,
  type PostgresServer,
  role,
  serverUser,
  skipWithoutPostgres,
  startPostgres,
} from '../../helpers/postgres.ts'
import { until } from '../../helpers/wait.ts'
import { open } from './harness.ts'

const program = ['/usr/sbin/pgbouncer', '/usr/bin/pgbouncer'].find(existsSync)
const skip =
  skipWithoutPostgres || (program === undefined && !process.env.CI ? 'not on this machine: pgbouncer' : false)

/** PgBouncer in transaction mode, with fewer connections than the service uses. Returns its port. */
async function startPgBouncer(t: Owner, server: PostgresServer): Promise<number> {
  const folder = await temporaryFolder(t)
  const port = await freePort()
  const file = join(folder, 'pgbouncer.ini')
  await writeFile(
    file,
    [
      '[databases]',
      `inbox = host=127.0.0.1 port=${server.port} user=${role.name} password=${role.password}`,
      '[pgbouncer]',
      'listen_addr = 127.0.0.1',
      `listen_port = ${port}`,
      'unix_socket_dir =',
      'auth_type = any',
      'pool_mode = transaction',
      'default_pool_size = 2',
    ].join('\n'),
  )
  await chmod(folder, 0o755)
  const child = spawn(program ?? '', [file], { ...serverUser(), stdio: 'ignore' })
  const ended = once(child, 'exit')
  t.after(async () => {
    child.kill('SIGKILL')
    await ended
  })
  return port
}

test('the inbox works through PgBouncer in transaction mode', { skip }, async (t) => {
  const server = await startPostgres({ after })
  const url = await server.createStore()
  const schema = /search_path=(\w+)/.exec(url)?.[1] ?? ''
  // PgBouncer accepts no search_path from its clients.
  await server.admin(`ALTER ROLE ${role.name} SET search_path = ${schema}`)
  const port = await startPgBouncer(t, server)
  const pooled = url.replace(`:${server.port}`, `:${port}`).replace(/\?.*/, '')
  const { inbox } = await open(t, pooled)
  await until('open', () =>
    inbox.checkWritable().then(
      () => true,
      () => false,
    ),
  )
  const numbers = Array.from({ length: 300 }, (_, n) => n)
  const appended = numbers.map((n) => inbox.append([newEvent(`e${n}`, { participantId: `p${n % 20}` })]))
  let settled = 0
  while (settled < numbers.length) {
    const claims = await inbox.claim({ limit: 5, leaseMs: 60_000 })
    const work = claims.map(async (claim) => {
      const outcomes = claim.events.map(({ sequence }) => ({ sequence, state: 'unchanged' as const }))
      assert.equal(await inbox.settle(claim, { outcomes }), 'settled')
      settled += outcomes.length
    })
    await Promise.all([...work, inbox.stats(), inbox.events({ limit: 5 })])
  }
  await Promise.all(appended)
  assert.equal((await inbox.stats()).pending, 0)
  const locks = await server.admin("SELECT FROM pg_locks WHERE locktype = 'advisory'")
  assert.deepEqual(locks, [])
})
