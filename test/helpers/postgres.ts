import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { chmod, chown, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { after } from 'node:test'
import pg from 'pg'
import { type Owner, temporaryFolder } from './folder.ts'
import { until } from './wait.ts'

/** A PostgreSQL server of the test's own, on a free port of the loopback interface. */
export interface PostgresServer {
  readonly port: number
  /** The URL of a new, empty schema, as a role without special rights. */
  createStore(): Promise<string>
  /** Runs a statement as superuser. */
  admin<Row extends pg.QueryResultRow>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>
  /** Sends the signal to the main process; SIGSTOP and SIGCONT to all processes. */
  signal(signal: NodeJS.Signals): void
  /** Ends the server like kill -9: without a checkpoint. */
  kill(): Promise<void>
  /** Starts the server again after `kill`. */
  start(): Promise<void>
}

export const role = { name: 'enricher', password: 'role-secret' }

function findBinaries(): string | undefined {
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : []
  const folders = versions.map((version) => join(debian, version, 'bin'))
  return [...folders, ...(process.env.PATH ?? '').split(':')].find((folder) =>
    existsSync(join(folder, 'initdb')),
  )
}

const binaries = findBinaries()

/** The reason to skip tests that need a server. Never skips with CI=true. */
export const skipWithoutPostgres =
  binaries === undefined && !process.env.CI ? 'not on this machine: a PostgreSQL server' : false

/** PostgreSQL refuses to run as root, so root runs it as the user that Debian's package creates. */
export function serverUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const idOf = (option: string) => Number(execFileSync('id', [option, 'postgres'], { encoding: 'utf8' }))
  return { uid: idOf('-u'), gid: idOf('-g') }
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

const environment = { PATH: process.env.PATH ?? '', LC_ALL: 'C' }

// The new, empty cluster that each server of the process gets a copy of, because initdb takes a second of CPU.
let cluster: Promise<string> | undefined
const releases: (() => unknown)[] = []
after(async () => {
  for (const release of releases) await release()
})

async function initialize(programs: string): Promise<string> {
  const user = serverUser()
  const folder = await serverFolder({ after: (release) => releases.push(release) })
  const data = join(folder, 'data')
  const passwordFile = join(folder, 'password')
  await writeFile(passwordFile, 'superuser-secret', { mode: 0o644 })
  const options = ['-D', data, '-U', 'postgres', '-E', 'UTF8', '--no-sync', `--pwfile=${passwordFile}`]
  execFileSync(join(programs, 'initdb'), [...options, '--auth-host=scram-sha-256', '--auth-local=trust'], {
    ...user,
    cwd: folder,
    env: environment,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  return data
}

/** A folder that only the server's user can read. */
async function serverFolder(t: Owner): Promise<string> {
  const folder = await temporaryFolder(t)
  const user = serverUser()
  if (user !== undefined) await chown(folder, user.uid, user.gid)
  await chmod(folder, 0o700)
  return folder
}

/** `settings`: of postgresql.conf. By default the server does not flush files: only a power cut would need them. */
export async function startPostgres(
  t: Owner,
  settings: Readonly<Record<string, string>> = { fsync: 'off' },
): Promise<PostgresServer> {
  if (binaries === undefined) throw new Error('no PostgreSQL server: install postgresql')
  const folder = await serverFolder(t)
  const user = serverUser()
  const data = join(folder, 'data')
  cluster ??= initialize(binaries)
  execFileSync('cp', ['-a', await cluster, data], {
    ...user,
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const port = await freePort()
  const options = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: folder,
    jit: 'off', // compiling a plan takes longer than running it
    ...settings,
  }
  const connectAs = (database: string) =>
    new pg.Client({
      host: folder,
      port,
      user: 'postgres',
      database,
      options: '-c default_transaction_read_only=off',
    })

  async function admin<Row extends pg.QueryResultRow>(sql: string, parameters: readonly unknown[] = []) {
    const client = connectAs('inbox')
    await client.connect()
    try {
      return (await client.query<Row>(sql, [...parameters])).rows
    } finally {
      await client.end()
    }
  }

  let child: ChildProcess | undefined
  const log: string[] = []
  function spawnServer(): ChildProcess {
    const server = spawn(
      join(binaries ?? '', 'postgres'),
      ['-D', data, ...Object.entries(options).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
      { ...user, cwd: folder, env: environment, stdio: ['ignore', 'ignore', 'pipe'] },
    )
    server.stderr.on('data', (text) => log.push(String(text)))
    return server
  }

  async function start(): Promise<void> {
    child = spawnServer()
    await until(`the PostgreSQL server accepts connections`, async () => {
      // After a kill, its other processes need a moment to end, and a new server refuses to start until then.
      if (hasEnded(child)) child = spawnServer()
      const client = connectAs('postgres')
      client.on('error', () => {})
      try {
        await client.connect()
        return true
      } catch {
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
    child.kill(signal)
    await ended
  }

  await start()
  t.after(async () => {
    for (const pid of processesOf(data)) process.kill(pid, 'SIGCONT')
    await end('SIGINT')
  })
  const bootstrap = connectAs('postgres')
  await bootstrap.connect()
  await bootstrap.query(`CREATE ROLE ${role.name} LOGIN PASSWORD '${role.password}'`)
  await bootstrap.query(`CREATE DATABASE inbox OWNER ${role.name}`)
  await bootstrap.end()

  return {
    port,
    admin,
    createStore: async () => {
      const schema = `store_${randomUUID().replaceAll('-', '')}`
      await admin(`CREATE SCHEMA ${schema} AUTHORIZATION ${role.name}`)
      return `postgres://${role.name}:${role.password}@127.0.0.1:${port}/inbox?search_path=${schema}`
    },
    signal: (signal) => {
      for (const pid of processesOf(data)) process.kill(pid, signal)
    },
    kill: () => end('SIGKILL'),
    start,
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
