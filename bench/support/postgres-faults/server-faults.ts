import pg from 'pg'
import { type PostgresServer, role } from '../../../test/helpers/postgres.ts'
import { type ServerProcess, terminateAll } from '../../../test/helpers/postgres-process.ts'
import { until } from '../../../test/helpers/wait.ts'
import type { Fault } from './fault.ts'

/** The server ends at once, and starts again. */
export const killed = (server: ServerProcess): Fault => ({
  name: 'server killed (SIGKILL), restarted',
  reason: /cannot be reached|ended the connection|is starting/,
  break: server.kill,
  repair: server.start,
})

/** All processes of the server stand still. */
export const frozen = (server: ServerProcess, stopMs: number): Fault => ({
  name: `server stopped (SIGSTOP) for ${stopMs / 1_000} s`,
  holdMs: stopMs,
  break: async () => server.signal('SIGSTOP'),
  repair: async () => server.signal('SIGCONT'),
})

/** The server ends connections of the service, whatever they do. */
export const terminated = (
  server: ServerProcess,
  rounds: number,
  accepts: (count: number) => Promise<unknown>,
): Fault => ({
  name: `pg_terminate_backend, ${rounds} times`,
  break: async () => {
    for (let round = 1; round <= rounds; round += 1) {
      await server.admin(
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1 AND random() < 0.7',
        [role.name],
      )
      await accepts(2)
    }
  },
  repair: async () => {},
})

/** Other clients take every connection of `max_connections`. */
export function exhausted(server: PostgresServer): Fault {
  const others: pg.Client[] = []
  async function takeOne(): Promise<boolean> {
    const client = new pg.Client({ host: server.folder, port: server.port, user: 'other', database: 'inbox' })
    client.on('error', () => {})
    try {
      await client.connect()
      others.push(client)
      return true
    } catch {
      await client.end().catch(() => {})
      return false
    }
  }
  return {
    name: 'max_connections taken by others',
    reason: /has no free connection \(53300\)/,
    break: async () => {
      await server.admin('DROP ROLE IF EXISTS other')
      await server.admin('CREATE ROLE other LOGIN')
      const [limit] = await server.admin<{ slots: number }>(
        "SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int AS slots",
      )
      // Not until the service has no connection: the server does not list one that is about to log in.
      await until('others have every connection but that of `admin`', async () => {
        await terminateAll(server, role.name)
        while (await takeOne());
        return others.length + 1 === limit?.slots
      })
    },
    repair: async () => {
      await Promise.all(others.splice(0).map((client) => client.end()))
    },
  }
}

/** The server accepts no writes, like a primary that an operator locked. */
export function readOnly(server: ServerProcess): Fault {
  const set = async (value: string) => {
    await server.admin(`ALTER SYSTEM SET default_transaction_read_only = ${value}`)
    await server.admin('SELECT pg_reload_conf()')
  }
  return {
    name: 'default_transaction_read_only = on',
    reason: /accepts no writes \(25006\)/,
    break: () => set('on'),
    repair: () => set('off'),
  }
}
