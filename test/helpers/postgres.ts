import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Owner } from './folder.ts'
import { type ServerProcess, startServerProcess } from './postgres-process.ts'
import { runProgram, serverFolder } from './postgres-programs.ts'

export { freePort } from './postgres-process.ts'
export { serverUser, skipWithoutPostgres } from './postgres-programs.ts'

export interface PostgresServer extends ServerProcess {
  /** The URL of a new, empty schema, as a role without special rights. */
  createStore(): Promise<string>
}

export const role = { name: 'enricher', password: 'role-secret' }

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
  const passwordFile = join(folder, 'password')
  await writeFile(passwordFile, 'superuser-secret', { mode: 0o644 })
  const wal = walFolder === undefined ? [] : [`--waldir=${walFolder}`, '--wal-segsize=1']
  const initialize = ['-D', data, '-U', 'postgres', '-E', 'UTF8', '--no-sync', `--pwfile=${passwordFile}`]
  runProgram(folder, 'initdb', ...initialize, ...wal, '--auth-host=scram-sha-256', '--auth-local=trust')
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
