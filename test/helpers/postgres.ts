import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync, rmSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Owner } from './folder.ts'
import { type ServerProcess, startServerProcess } from './postgres-process.ts'
import { giveToServer, programOf, runProgram, serverFolder, serverProcess } from './postgres-programs.ts'
import { until } from './wait.ts'

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
  const all = [
    '-D',
    data,
    '-U',
    'postgres',
    '-E',
    'UTF8',
    '--no-sync',
    `--pwfile=${passwordFile}`,
    ...options,
  ]
  runProgram(folder, 'initdb', ...all, '--auth-host=scram-sha-256', '--auth-local=trust')
  const statements = [
    `CREATE ROLE ${role.name} LOGIN PASSWORD '${role.password}'`,
    `CREATE DATABASE inbox OWNER ${role.name}`,
  ]
  const input = statements.map((statement) => `${statement}\n`).join('')
  execFileSync(programOf('postgres'), ['--single', '-F', '-D', data, 'postgres'], {
    ...serverProcess(folder),
    input,
    stdio: ['pipe', 'ignore', 'pipe'],
  })
}

// The new cluster that each server gets a copy of, because initdb takes a second of CPU.
let cluster: Promise<string> | undefined
/** A folder that `npm test` creates for all its processes, and removes. */
const commonFolder = process.env.TEST_COMMON_FOLDER

async function newCluster(): Promise<string> {
  const folder = await serverFolder({ after: () => {} })
  // Not by a hook of node:test, which prints a summary in processes that run no tests, such as the benches.
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const data = join(folder, 'data')
  await initialize(folder, data)
  return data
}

/** The first process that needs the cluster creates it. */
async function commonCluster(parent: string): Promise<string> {
  const folder = join(parent, 'postgres')
  const data = join(folder, 'data')
  const isFirst = await mkdir(folder).then(
    () => true,
    () => false,
  )
  if (isFirst) {
    await giveToServer(folder)
    await initialize(folder, join(folder, 'new'))
    await rename(join(folder, 'new'), data)
  } else await until('another process has created the cluster', () => existsSync(data))
  return data
}

async function copyCluster(folder: string, data: string): Promise<void> {
  cluster ??= commonFolder === undefined ? newCluster() : commonCluster(commonFolder)
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
