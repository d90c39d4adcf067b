import type { Simulator, SimulatorOptions } from '../../../src/simulator/simulator.ts'
import { valuesOf } from '../../../test/helpers/exposition.ts'
import type { Owner } from '../../../test/helpers/folder.ts'
import { startInProcess } from '../../../test/helpers/in-process.ts'
import { type PostgresServer, schemaOf } from '../../../test/helpers/postgres.ts'
import {
  type RunningService,
  type ServiceProcess,
  setUp,
  startService,
} from '../../../test/helpers/process.ts'
import { until } from '../../../test/helpers/wait.ts'

export interface ClusterOptions {
  readonly server: PostgresServer
  /** The URL of the inbox. Default: a new schema of the server. */
  readonly url?: string
  readonly nodes: number
  readonly leaseMs: number
  /** All nodes but the first one run in this process, which cannot be killed. Default: each node is a process. */
  readonly othersInProcess?: boolean
  readonly simulator?: SimulatorOptions & { readonly rules?: string }
  /** More settings of each node. */
  readonly settings?: Readonly<Record<string, string>>
}

export interface ClusterNode extends RunningService, Pick<ServiceProcess, 'end'> {
  /** Undefined: the node runs in this process. */
  readonly child?: ServiceProcess['child']
}

/** Several nodes with one inbox on PostgreSQL, and one simulator. */
export interface Cluster {
  readonly simulator: Simulator
  /** Epoch ms: when the simulator started, and with `windowPhaseMs: 0` its first window. */
  readonly startedAt: number
  readonly schema: string
  /** The nodes that run. At first, the first one delivers. */
  readonly nodes: readonly ClusterNode[]
  start(settings?: Readonly<Record<string, string>>): Promise<ClusterNode>
  /** Sends the signal, and resolves with the exit code or signal when the node has ended. */
  end(node: ClusterNode, signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null>
  /** The node that has the right to deliver. */
  delivering(): Promise<ClusterNode>
  /** How many of these events have each state. */
  states(identities: ReadonlySet<string>): Promise<Readonly<Record<string, number>>>
}

export async function startCluster(owner: Owner, options: ClusterOptions): Promise<Cluster> {
  const { server, leaseMs } = options
  const url = options.url ?? (await server.createStore())
  const schema = schemaOf(url) || 'public'
  let startedAt: number | undefined
  const now = () => {
    const at = Date.now()
    startedAt ??= at // the simulator reads its clock first for its windows
    return at
  }
  // The nodes have tokens of their own, but the limit of Genesys Cloud belongs to the OAuth client.
  const { environment, simulator } = await setUp(owner, { limitPer: 'client', now, ...options.simulator })
  const base = { ...environment, STORE_URL: url, OWNERSHIP_LEASE_MS: String(leaseMs), ...options.settings }
  let nodes: readonly ClusterNode[] = []
  let isFirst = true

  async function start(settings: Readonly<Record<string, string>> = {}): Promise<ClusterNode> {
    const startNode = options.othersInProcess && !isFirst ? startNodeInProcess : startService
    isFirst = false
    const node = await startNode(owner, { ...base, ...settings })
    nodes = [...nodes, node]
    return node
  }

  async function findDelivering(): Promise<ClusterNode | undefined> {
    for (const node of nodes) {
      const metrics = await (await fetch(`${node.url}/metrics`)).text()
      if (valuesOf(metrics, 'genesys_enricher_delivers')[''] === 1) return node
    }
    return undefined
  }

  await start() // it has the right to deliver
  await Promise.all(Array.from({ length: options.nodes - 1 }, () => start()))
  return {
    simulator,
    startedAt: startedAt ?? now(),
    schema,
    get nodes() {
      return nodes
    },
    start,
    end: (node, signal) => {
      nodes = nodes.filter((each) => each !== node)
      return node.end(signal)
    },
    delivering: () => until('a node delivers', findDelivering),
    states: async (identities) => {
      const rows = await server.admin<{ identity: string; state: string }>(
        `SELECT identity, state FROM ${schema}.inbox_events`,
      )
      const known = rows.filter(({ identity }) => identities.has(identity))
      const counts = Map.groupBy(known, ({ state }) => state)
      return Object.fromEntries([...counts].map(([state, list]) => [state, list.length]))
    },
  }
}

/** Of the signals, it knows only SIGTERM. */
async function startNodeInProcess(
  owner: Owner,
  environment: Readonly<Record<string, string>>,
): Promise<ClusterNode> {
  const { stop, ...service } = await startInProcess(owner, environment)
  return {
    ...service,
    end: async (signal) => {
      if (signal !== 'SIGTERM') throw new Error(`${signal} would end this process`)
      await stop()
      return 0
    },
  }
}
