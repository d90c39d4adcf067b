import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { Owner } from './folder.ts'
import { programOf, serverProcess } from './postgres-programs.ts'
import { until } from './wait.ts'

/** A PostgreSQL server of the test's own, on a free port of the loopback interface. */
export interface ServerProcess {
  readonly port: number
  /** The folder of its Unix socket. */
  readonly folder: string
  readonly data: string
  /** Runs a statement as superuser. */
  admin<Row extends pg.QueryResultRow>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>
  /** A connection to the database as superuser, which the caller opens and ends. */
  connectAs(database: string): pg.Client
  /** Sends the signal to the main process; SIGSTOP and SIGCONT to all processes. */
  signal(signal: NodeJS.Signals): void
  /** Ends the server like kill -9: without a checkpoint. */
  kill(): Promise<void>
  /** Starts the server again after `kill`. */
  start(): Promise<void>
  hasEnded(): boolean
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/** Starts a server on existing data. `settings`: of postgresql.conf. Ends it after the test. */
export async function startServerProcess(
  t: Owner,
  folder: string,
  data: string,
  settings: Readonly<Record<string, string>>,
): Promise<ServerProcess> {
  const port = await freePort()
  const options = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: folder,
    jit: 'off', // takes longer to compile a plan of a test than to run it
    ...settings,
  }
  function connectAs(database: string): pg.Client {
    const client = new pg.Client({
      host: folder,
      port,
      user: 'postgres',
      database,
      options: '-c default_transaction_read_only=off',
    })
    // The statement that was under way rejects too. Without this, a server that ends would end the test process.
    client.on('error', () => {})
    return client
  }

  // A new connection costs the server 40 ms of CPU.
  let idle: pg.Client | undefined
  async function connectAsAdmin(): Promise<pg.Client> {
    const client = connectAs('inbox')
    client.once('end', () => {
      if (idle === client) idle = undefined
    })
    await client.connect()
    return client
  }
  async function admin<Row extends pg.QueryResultRow>(sql: string, parameters: readonly unknown[] = []) {
    const client = idle ?? (await connectAsAdmin())
    idle = undefined
    let isReusable = false
    try {
      const { rows } = await client.query<Row>(sql, [...parameters])
      isReusable = idle === undefined
      return rows
    } finally {
      if (isReusable) idle = client
      else await client.end()
    }
  }

  let child: ChildProcess | undefined
  const log: string[] = []
  function spawnServer(): ChildProcess {
    const given = Object.entries(options).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    const server = spawn(programOf('postgres'), ['-D', data, ...given], {
      ...serverProcess(folder),
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    server.stderr.on('data', (text) => log.push(String(text)))
    return server
  }

  async function start(): Promise<void> {
    child = spawnServer()
    await until(`the PostgreSQL server accepts connections`, async () => {
      // After a kill, its other processes need a moment to end, and a new server refuses to start until then.
      if (hasEnded(child)) child = spawnServer()
      const client = connectAs('postgres')
      try {
        await client.connect()
        return true
      } catch {
        await sleep(50) // each attempt is a new process of the server
        return false
      } finally {
        await client.end().catch(() => {})
      }
    }).catch((error: unknown) => {
      throw new Error(`the PostgreSQL server does not start:\n${log.slice(-20).join('')}`, { cause: error })
    })
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (child === undefined || hasEnded(child)) return
    const ended = once(child, 'exit')
    void idle?.end()
    child.kill(signal)
    await ended
  }

  function send(signal: NodeJS.Signals): void {
    for (const pid of processesOf(data)) {
      try {
        process.kill(pid, signal)
      } catch (error) {
        // A process of a connection may end at any time.
        if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
      }
    }
  }

  await start()
  t.after(async () => {
    send('SIGCONT')
    await end('SIGINT')
  })
  return {
    port,
    folder,
    data,
    admin,
    connectAs,
    signal: send,
    kill: () => end('SIGKILL'),
    start,
    hasEnded: () => hasEnded(child),
  }
}

const hasEnded = (child: ChildProcess | undefined): boolean =>
  child === undefined || child.exitCode !== null || child.signalCode !== null

/** The main process of the running server, and those that it started. */
function processesOf(data: string): number[] {
  const listed = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' })
  const rows = listed
    .trim()
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [])
    .map(([, pid, parent, command = '']) => ({ pid: Number(pid), parent: Number(parent), command }))
  const main = rows.find(({ command }) => command.includes(`-D ${data} `))
  if (main === undefined) return []
  return [main.pid, ...rows.filter(({ parent }) => parent === main.pid).map(({ pid }) => pid)]
}

/** Ends the connections of a role. Returns one row for each. */
export const terminateAll = (server: ServerProcess, user: string) =>
  server.admin('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1', [user])
