import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after } from 'node:test'
import type { Owner } from './folder.ts'
import { type ServerProcess, startServerProcess } from './postgres-process.ts'
import { runProgram, serverFolder, serverProcess } from './postgres-programs.ts'

export { freePort } from './postgres-process.ts'
export { serverUser, skipWithoutPostgres } from './postgres-programs.ts'

export interface PostgresServer extends ServerProcess {
  /** The URL of a new, empty schema, as a role without special rights. */
  createStore(): Promise<string>
}

export const role = { name: 'enricher', password: 'role-secret' }

async function initialize(folder: string, data: string, ...options: readonly string[]): Promise<void> {
  const passwordFile = join(folder, 'password')
  await writeFile(passwordFile, 'superuser-secret', { mode: 0o644 })
  const all = ['-D', data, '-U', 'postgres', '-E', 'UTF8', '--no-sync', `--pwfile=${passwordFile}`, ...options]
  runProgram(folder, 'initdb', ...all, '--auth-host=scram-sha-256', '--auth-local=trust')
}

// The new, empty cluster that each server of the process gets a copy of, because initdb takes a second of CPU.
let cluster: Promise<string> | undefined
const releases: (() => unknown)[] = []
after(async () => {
  for (const release of releases) await release()
})

async function newCluster(): Promise<string> {
  const folder = await serverFolder({ after: (release) => releases.push(release) })
  const data = join(folder, 'data')
  await initialize(folder, data)
  return data
}

async function copyCluster(folder: string, data: string): Promise<void> {
  cluster ??= newCluster()
  execFileSync('cp', ['-a', await cluster, data], {
    ...serverProcess(folder),
    stdio: ['ignore', 'ignore', 'pipe'],
  })
}

/**
 * Creates a database and starts its server. `settings`: of postgresql.conf. By default the server does not flush files, which a test of
 * the process needs not. `walFolder`: an empty folder for the write-ahead log.
 */
export async function startPostgres(
  t: Owner,
  settings: Readonly<Record<string, string>> = { fsync: 'off' },
  walFolder?: string,
): Promise<PostgresServer> {
  const folder = await serverFolder(t)
  const data = join(folder, 'data')
  if (walFolder === undefined) await copyCluster(folder, data)
  else await initialize(folder, data, `--waldir=${walFolder}`, '--wal-segsize=1')
  const server = await startServerProcess(t, folder, data, settings)
  const bootstrap = server.connectAs('postgres')
  await bootstrap.connect()
  await bootstrap.query(`CREATE ROLE ${role.name} LOGIN PASSWORD '${role.password}'`)
  await bootstrap.query(`CREATE DATABASE inbox OWNER ${role.name}`)
  await bootstrap.end()
  return {
    ...server,
    createStore: async () => {
      const schema = `store_${randomUUID().replaceAll('-', '')}`
      await server.admin(`CREATE SCHEMA ${schema} AUTHORIZATION ${role.name}`)
      return `postgres://${role.name}:${role.password}@127.0.0.1:${server.port}/inbox?search_path=${schema}`
    },
  }
}

/** The schema that a URL of `createStore` names. */
export const schemaOf = (url: string): string => /search_path=(\w+)/.exec(url)?.[1] ?? ''
