import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { type Owner, temporaryFolder } from './folder.ts'
import { freePort, type PostgresServer, role, serverUser, skipWithoutPostgres } from './postgres.ts'
import { until } from './wait.ts'

const program = ['/usr/sbin/pgbouncer', '/usr/bin/pgbouncer'].find(existsSync)

/** The reason to skip tests with PgBouncer. Never skips with CI=true. */
export const skipWithoutPgBouncer =
  skipWithoutPostgres || (program === undefined && !process.env.CI ? 'not on this machine: pgbouncer' : false)

export interface PgBouncer {
  readonly port: number
  kill(): Promise<void>
  /** Starts it again after `kill`. */
  start(): Promise<void>
}

/** PgBouncer in transaction mode, with fewer connections than the service uses. */
export async function startPgBouncer(t: Owner, server: PostgresServer): Promise<PgBouncer> {
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
      'server_login_retry = 1',
    ].join('\n'),
  )
  await chmod(folder, 0o755)
  let child: ChildProcess
  async function start(): Promise<void> {
    child = spawn(program ?? '', [file], { ...serverUser(), stdio: 'ignore' })
    await until('PgBouncer listens', () => accepts(port))
  }
  async function kill(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }
  await start()
  t.after(kill)
  return { port, kill, start }
}

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
