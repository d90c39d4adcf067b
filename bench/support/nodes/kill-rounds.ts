import { setTimeout as sleep } from 'node:timers/promises'
import { createConversations } from '../../../test/helpers/process.ts'
import { until } from '../../../test/helpers/wait.ts'
import { createRelay } from '../relay.ts'
import { createOwner } from '../setup.ts'
import { type ValuesSent, valuesOf } from '../values-sent.ts'
import { usageOf } from '../windows.ts'
import { type ClusterNode, type ClusterOptions, startCluster } from './cluster.ts'

export interface KillRoundsOptions extends Pick<ClusterOptions, 'server' | 'leaseMs' | 'othersInProcess'> {
  /** Nodes that end, one after the other, each replaced at once. */
  readonly rounds: number
  /** The node that ends, and how. Default: a random one, by SIGKILL. */
  readonly victim?: (round: number) => { readonly index: number; readonly signal: NodeJS.Signals }
  readonly participants: number
  /** Longest pause of a sender before a request. */
  readonly sendPauseMs?: number
  readonly limit: { readonly allowed: number; readonly windowMs: number }
  /** Longest pause before a round, and how long the load goes on after the last one. */
  readonly pauseMs: number
  readonly onRound?: (round: number) => void
  /** Aborted: the current round is the last one. */
  readonly stop?: AbortSignal
}

export interface KillRoundsResult extends ValuesSent {
  /** The rounds that were made. */
  readonly rounds: number
  readonly accepted: number
  /** Answered with 202, but without an outcome at the end. */
  readonly lost: number
  readonly dead: number
  /** Answers 429. No other program spends from the windows. */
  readonly ownRefusals: number
  /** PATCHes ÷ allowed calls, in the full windows under load; NaN without such windows. */
  readonly share: number
  readonly windows: number
}

const randomKill = () => ({ index: Math.floor(Math.random() * 3), signal: 'SIGKILL' as const })

/** Ends nodes of three under load, and starts each again. Then checks every event that was accepted. */
export async function runKillRounds(options: KillRoundsOptions): Promise<KillRoundsResult> {
  const { rounds, participants, limit, pauseMs, onRound, victim = randomKill } = options
  const owner = createOwner()
  try {
    const { allowed, windowMs } = limit
    const rate = { rateLimit: allowed, rateWindowMs: windowMs, windowPhaseMs: 0, latencyMs: 5 }
    const settings = { RATE_LIMIT: String(allowed), RATE_WINDOW_MS: String(windowMs) }
    const cluster = await startCluster(owner, { ...options, nodes: 3, simulator: rate, settings })
    const { simulator, startedAt: originMs } = cluster
    createConversations(simulator, participants)
    const slots: ClusterNode[] = [...cluster.nodes]
    const startedAt = Date.now()
    const url = () => slots[Math.floor(Math.random() * slots.length)]?.url ?? ''
    const relay = createRelay(participants, url, options.sendPauseMs)
    let done = 0
    while (done < rounds && options.stop?.aborted !== true) {
      const round = done + 1
      await sleep(Math.random() * pauseMs)
      const { index, signal } = victim(round)
      const node = slots[index]
      if (node === undefined) throw new Error(`no node ${index}`)
      await cluster.end(node, signal)
      slots[index] = await cluster.start()
      done = round
      onRound?.(round)
    }
    await sleep(pauseMs)
    const endedAt = Date.now()
    await relay.stop()
    await until(
      'all events are settled',
      async () => (await slots[0]?.status())?.inbox.pending === 0,
      180_000,
    ).catch((cause: unknown) => {
      const outputs = slots.map((node) => node.output().split('\n').slice(-10).join('\n'))
      throw new Error(`not all events are settled:\n${outputs.join('\n\n')}`, { cause })
    })
    const states = await cluster.states(relay.accepted)
    const { applied = 0, unchanged = 0, dead = 0 } = states
    const underLoad = simulator.calls().filter(({ at }) => at <= endedAt)
    const usage = usageOf(underLoad, startedAt, { originMs, ...limit })
    return {
      rounds: done,
      accepted: relay.accepted.size,
      lost: relay.accepted.size - applied - unchanged - dead,
      dead,
      ...valuesOf(simulator, relay.latest),
      ownRefusals: simulator.calls().filter(({ status }) => status === 429).length,
      share: usage.share,
      windows: usage.fullWindows,
    }
  } finally {
    await owner.release()
  }
}
