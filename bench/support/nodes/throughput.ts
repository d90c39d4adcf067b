import { setTimeout as sleep } from 'node:timers/promises'
import type { PostgresServer } from '../../../test/helpers/postgres.ts'
import { until } from '../../../test/helpers/wait.ts'
import { flood } from '../../ingest/load.ts'
import { environment, knownCustomer, rules, signedRequest } from '../../ingest/requests.ts'
import { createOwner } from '../setup.ts'
import { startCluster } from './cluster.ts'

export interface ThroughputOptions {
  readonly server: PostgresServer
  readonly nodes: number
  /** Single events in all. */
  readonly events: number
}

export interface Throughput {
  /** Single events accepted per second, through all nodes together. */
  readonly acceptedPerSecond: number
  /** Events accepted and settled without a PATCH per second: one node settles all. */
  readonly settledPerSecond: number
  readonly statementsPerEvent: number
  readonly walBytesPerEvent: number
}

const connectionsPerNode = 32
/** A connection of PostgreSQL that does nothing more reports its counts after 10 s. */
const statsDelayMs = 11_000

export async function measureThroughput({ server, nodes, events }: ThroughputOptions): Promise<Throughput> {
  const owner = createOwner()
  try {
    const cluster = await startCluster(owner, {
      server,
      nodes,
      leaseMs: 10_000,
      simulator: { strict: false, rules },
      settings: environment,
    })
    const [first] = cluster.nodes
    const isSettled = async () => (await first?.status())?.inbox.pending === 0
    const send = (count: number) =>
      Promise.all(
        cluster.nodes.map(({ url }) => flood(url, requests(Math.ceil(count / nodes)), connectionsPerNode)),
      )
    await send(Math.min(2_000, events)) // warms up
    await until('settled', isSettled)
    await sleep(statsDelayMs)
    const before = await readCounts(server)
    const startedAt = performance.now()
    await send(events)
    const acceptedMs = performance.now() - startedAt
    await until('settled', isSettled, 300_000)
    const settledMs = performance.now() - startedAt
    await sleep(statsDelayMs)
    const after = await readCounts(server)
    return {
      acceptedPerSecond: (events / acceptedMs) * 1_000,
      settledPerSecond: (events / settledMs) * 1_000,
      statementsPerEvent: (after.statements - before.statements) / events,
      walBytesPerEvent: (after.walBytes - before.walBytes) / events,
    }
  } finally {
    await owner.release()
  }
}

const requests = (count: number) => Array.from({ length: count }, () => signedRequest(knownCustomer()))

/** Every statement of the service is a transaction. */
async function readCounts({ admin }: PostgresServer) {
  const [row] = await admin<{ statements: string; wal: string }>(
    "SELECT xact_commit AS statements, pg_current_wal_lsn() - '0/0' AS wal FROM pg_stat_database WHERE datname = 'inbox'",
  )
  return { statements: Number(row?.statements), walBytes: Number(row?.wal) }
}
