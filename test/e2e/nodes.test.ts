import assert from 'node:assert/strict'
import { after, describe, type TestContext, test } from 'node:test'
import { skipWithoutPostgres, startPostgres } from '../helpers/postgres.ts'
import {
  attributesAt,
  createConversations,
  customerEvent,
  type ServiceProcess,
  setUp,
  startService,
} from '../helpers/process.ts'
import { until } from '../helpers/wait.ts'

const delivering = async (node: ServiceProcess): Promise<string | undefined> =>
  (await node.status()).nodes?.find(({ delivers }) => delivers)?.id

const pidOf = (node: ServiceProcess): string => `:${node.child.pid}`

describe('several nodes on PostgreSQL', { skip: skipWithoutPostgres }, async () => {
  if (skipWithoutPostgres !== false) return
  const server = await startPostgres({ after })
  const leaseMs = 2_000

  async function start(t: TestContext, roles: readonly string[]) {
    const { environment, simulator } = await setUp(t)
    const store = { STORE_URL: await server.createStore(), OWNERSHIP_LEASE_MS: String(leaseMs) }
    createConversations(simulator, 20)
    const startNode = (role: string) => startService(t, { ...environment, ...store, ROLE: role })
    const nodes: ServiceProcess[] = []
    for (const role of roles) nodes.push(await startNode(role))
    return { nodes, simulator, startNode }
  }

  test('any node takes events, one delivers, and a stand-by takes over when it is killed or stopped', async (t) => {
    const { nodes, simulator, startNode } = await start(t, ['all', 'all', 'ingest'])
    const [first, second, ingest] = nodes
    assert.ok(first && second && ingest)
    await until('all nodes are listed', async () => (await first.status()).nodes.length === 3)
    assert.ok((await delivering(ingest))?.endsWith(pidOf(first)))
    for (const [index, node] of nodes.entries())
      assert.equal((await node.post(customerEvent(index))).status, 202)
    for (const index of nodes.keys())
      await until(`participant ${index} has its attributes`, () => attributesAt(simulator, index)?.vip_status)

    await first.end('SIGKILL')
    assert.equal((await ingest.post(customerEvent(3))).status, 202)
    const killedAt = performance.now()
    await until('the second node delivers', () => attributesAt(simulator, 3)?.vip_status)
    assert.ok(performance.now() - killedAt < leaseMs + 2_000)

    const third = await startNode('all')
    await second.end('SIGTERM')
    assert.equal((await ingest.post(customerEvent(4))).status, 202)
    await until('the third node delivers', () => attributesAt(simulator, 4)?.vip_status)
    assert.ok((await delivering(ingest))?.endsWith(pidOf(third)))
  })
})
