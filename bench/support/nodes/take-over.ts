import { setTimeout as sleep } from 'node:timers/promises'
import type { PostgresServer } from '../../../test/helpers/postgres.ts'
import { customerEvent, patches } from '../../../test/helpers/process.ts'
import { until } from '../../../test/helpers/wait.ts'
import { createOwner } from '../setup.ts'
import { startCluster } from './cluster.ts'

export interface TakeOverOptions {
  readonly server: PostgresServer
  readonly signal: NodeJS.Signals
  readonly times: number
  readonly leaseMs: number
  readonly onTime?: (time: number) => void
}

/**
 * How long after a signal to the node that delivers the first PATCH of the next node arrives, in ms. Events arrive all the time at the
 * other nodes, and the rate limit leaves calls.
 */
export async function measureTakeOvers(options: TakeOverOptions): Promise<number[]> {
  const { server, signal, times, leaseMs, onTime } = options
  const owner = createOwner()
  try {
    const simulator = { rateLimit: 1_000_000, strict: false, latencyMs: 5 }
    const settings = { RATE_LIMIT: '1000000' }
    const cluster = await startCluster(owner, { server, nodes: 3, leaseMs, simulator, settings })
    const measured: number[] = []
    let sent = 0
    for (let time = 1; time <= times; time += 1) {
      const delivering = await cluster.delivering()
      const others = cluster.nodes.filter((node) => node !== delivering)
      let isPosting = true
      const posting = (async () => {
        for (; isPosting; sent += 1) {
          await others[sent % others.length]?.post(customerEvent(sent))
          await sleep(5)
        }
      })()
      const before = patches(cluster.simulator).length
      const { token } = await until('it delivers', () => patches(cluster.simulator)[before])
      await sleep(Math.random() * 500)
      const signalledAt = Date.now()
      const [next] = await Promise.all([
        until('the next node delivers', () =>
          patches(cluster.simulator).find((call) => call.at >= signalledAt && call.token !== token),
        ),
        cluster.end(delivering, signal),
      ])
      measured.push(next.at - signalledAt)
      isPosting = false
      await posting
      await cluster.start()
      onTime?.(time)
    }
    return measured
  } finally {
    await owner.release()
  }
}
