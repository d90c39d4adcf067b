import type { Owner } from '../../../test/helpers/folder.ts'
import { startPgBouncer } from '../../../test/helpers/pgbouncer.ts'
import { type PostgresServer, role, schemaOf, startPostgres } from '../../../test/helpers/postgres.ts'
import type { ServerProcess } from '../../../test/helpers/postgres-process.ts'
import { startSyncStandby } from '../../../test/helpers/postgres-standby.ts'
import { startTcpProxy } from '../../../test/helpers/tcp-proxy.ts'
import { cut, dripping, late, poolerKilled, silent } from './connection-faults.ts'
import { logDiskFull, smallDisk, tableDiskFull, tablespaceOn } from './disk-faults.ts'
import { failover, unconfirmed } from './failover.ts'
import type { Fault, FaultResult } from './fault.ts'
import { exhausted, frozen, killed, readOnly, terminated } from './server-faults.ts'
import { type Session, type SessionOptions, startSession } from './session.ts'

export interface FaultTableOptions extends Pick<SessionOptions, 'load' | 'holdMs' | 'inProcess'> {
  /** How long a server stands still, and how long no packet arrives. */
  readonly stopMs: number
  readonly terminations: number
  readonly onResult: (result: FaultResult) => void
}

/** The groups of the fault table: the faults of a group follow each other on one service. */
export interface FaultGroup {
  readonly name: string
  readonly needsPgBouncer?: true
  /** Only in the bench: it needs a server of its own. */
  readonly isLong?: true
  /** Returns why the machine cannot run it, if so. Problems are in the results. */
  run(owner: Owner, server: PostgresServer, options: FaultTableOptions): Promise<string | undefined>
}

/** Few connections, so that others can take them all. No fault here is a power cut, so nothing needs to be flushed. */
export const startFaultServer = (owner: Owner) =>
  startPostgres(owner, { fsync: 'off', max_connections: '20', max_wal_senders: '4' })

export const faultGroups: readonly FaultGroup[] = [
  { name: 'server', run: runServerFaults },
  { name: 'connection', run: runConnectionFaults },
  { name: 'PgBouncer', needsPgBouncer: true, run: runPoolerFaults },
  { name: 'disk of the tables', run: runTableDiskFaults },
  { name: 'disk of the write-ahead log', isLong: true, run: runLogDiskFaults },
  // Last, because it ends the primary for good.
  { name: 'failover', run: runFailover },
]

async function runServerFaults(
  owner: Owner,
  server: PostgresServer,
  options: FaultTableOptions,
): Promise<string | undefined> {
  const url = await server.createStore()
  await onSession(owner, { ...options, url, schema: schemaOf(url), server: () => server }, ({ accepts }) => [
    killed(server),
    frozen(server, options.stopMs),
    terminated(server, options.terminations, accepts),
    exhausted(server),
    readOnly(server),
  ])
  return undefined
}

async function runConnectionFaults(
  owner: Owner,
  server: PostgresServer,
  options: FaultTableOptions,
): Promise<string | undefined> {
  const proxy = await startTcpProxy(owner, server.port)
  const store = await server.createStore()
  const url = throughPort(store, server, proxy.port)
  await onSession(owner, { ...options, url, schema: schemaOf(store), server: () => server }, () => [
    late(proxy, 100),
    dripping(proxy),
    cut(proxy),
    silent(proxy, options.stopMs),
  ])
  return undefined
}

async function runPoolerFaults(
  owner: Owner,
  server: PostgresServer,
  options: FaultTableOptions,
): Promise<string | undefined> {
  const schema = schemaOf(await server.createStore())
  // PgBouncer accepts no search_path from its clients.
  await server.admin(`ALTER ROLE ${role.name} SET search_path = ${schema}`)
  const pooler = await startPgBouncer(owner, server)
  const url = `postgres://${role.name}:any@127.0.0.1:${pooler.port}/inbox`
  await onSession(owner, { ...options, url, schema, server: () => server }, ({ accepts }) => [
    { ...killed(server), name: 'server behind PgBouncer killed, restarted' },
    { ...terminated(server, options.terminations, accepts), name: 'pg_terminate_backend behind PgBouncer' },
    poolerKilled(pooler),
  ])
  await server.admin(`ALTER ROLE ${role.name} RESET search_path`)
  return undefined
}

async function runTableDiskFaults(
  owner: Owner,
  server: PostgresServer,
  options: FaultTableOptions,
): Promise<string | undefined> {
  const folder = await smallDisk(owner, 24)
  if (folder === undefined) return 'this process may not mount a tmpfs'
  const store = await server.createStore()
  const url = `${store}&options=${encodeURIComponent(await tablespaceOn(server, folder))}`
  await onSession(owner, { ...options, url, schema: schemaOf(store), server: () => server }, () => [
    tableDiskFull(folder),
  ])
  // Without its disk, the server could make no checkpoint.
  await server.admin(`DROP SCHEMA ${schemaOf(store)} CASCADE`)
  await server.admin('DROP TABLESPACE small')
  return undefined
}

async function runLogDiskFaults(
  owner: Owner,
  _server: PostgresServer,
  options: FaultTableOptions,
): Promise<string | undefined> {
  const folder = await smallDisk(owner, 16)
  if (folder === undefined) return 'this process may not mount a tmpfs'
  const server = await startPostgres(owner, { fsync: 'off' }, folder)
  const url = await server.createStore()
  await onSession(owner, { ...options, url, schema: schemaOf(url), server: () => server }, () => [
    logDiskFull(server, folder),
  ])
  return undefined
}

async function runFailover(
  owner: Owner,
  primary: PostgresServer,
  options: FaultTableOptions,
): Promise<string | undefined> {
  const store = await primary.createStore()
  const standby = await startSyncStandby(owner, primary)
  let current: ServerProcess = primary
  // The standby is named first: the service must find the server that accepts writes.
  const url = store.replace(`:${primary.port}`, `:${standby.port},127.0.0.1:${primary.port}`)
  const change = failover(primary, standby)
  await onSession(owner, { ...options, url, schema: schemaOf(store), server: () => current }, () => [
    {
      ...frozen(standby, options.stopMs),
      name: `synchronous standby stopped (SIGSTOP) for ${options.stopMs / 1_000} s`,
    },
    unconfirmed(primary, standby),
    {
      ...change,
      repair: async () => {
        await change.repair()
        current = standby
      },
    },
  ])
  return undefined
}

const throughPort = (url: string, server: PostgresServer, port: number): string =>
  url.replace(`:${server.port}`, `:${port}`)

async function onSession(
  owner: Owner,
  { onResult, ...options }: SessionOptions & Pick<FaultTableOptions, 'onResult'>,
  faultsOf: (session: Session) => readonly Fault[],
): Promise<void> {
  const session = await startSession(owner, options)
  let last: FaultResult | undefined
  for (const fault of faultsOf(session)) {
    if (last !== undefined) onResult(last)
    last = await session.observe(fault)
  }
  const problems = await session.finish()
  if (last !== undefined) onResult({ ...last, problems: [...last.problems, ...problems] })
}
