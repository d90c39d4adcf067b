import { progressOf } from '../../src/cli/progress.ts'
import type { Owner } from '../../test/helpers/folder.ts'
import { median } from '../support/median.ts'
import { percentile } from '../support/percentile.ts'
import { reconnectForEach } from './connection.ts'
import { flood, pace } from './load.ts'
import { customerStart, eventBridgeRequest } from './requests.ts'
import { bareFastify, measure, ours, type Target } from './targets.ts'

type Open = (owner: Owner) => Promise<Target>

/** EventBridge opens a connection for each event; this many at once. */
const connections = 32

const fromEventBridge = (count: number): Buffer[] =>
  Array.from({ length: count }, () => eventBridgeRequest(customerStart()))

const perSecond = (open: Open, requests: number) => {
  const send = ({ url }: Target) => flood(url, fromEventBridge(requests), connections, reconnectForEach)
  return measure(open, send, send)
}

/** The 99th percentile in ms at a constant rate. */
const p99 = async (open: Open, requests: number, pacePerSecond: number) => {
  const count = Math.min(requests, 6 * Math.ceil(pacePerSecond))
  const send = ({ url }: Target) =>
    pace(url, fromEventBridge(count), connections, pacePerSecond, reconnectForEach)
  return percentile(await measure(open, send, send), 0.99)
}

/** Compares ingest with a bare Fastify under EventBridge's traffic: a connection and an API key for each event. */
export async function compareEventBridge(rounds: number, requests: number): Promise<void> {
  const ratios: { rate: number; p99: number }[] = []
  const progress = progressOf('rounds done')
  for (let round = 1; round <= rounds; round += 1) {
    progress.update(round - 1, rounds)
    const bare = await perSecond(bareFastify, requests)
    const service = await perSecond(ours, requests)
    const half = service / 2
    const bareP99 = await p99(bareFastify, requests, half)
    const serviceP99 = await p99(ours, requests, half)
    progress.clear()
    ratios.push({ rate: service / bare, p99: serviceP99 / bareP99 })
    process.stdout.write(
      `round ${round}, a connection for each event: bare Fastify ${bare.toFixed(0)}/s, this service ${service.toFixed(0)}/s; ` +
        `p99 at ${half.toFixed(0)}/s ${bareP99.toFixed(1)} and ${serviceP99.toFixed(1)} ms\n`,
    )
  }
  const of = (name: 'rate' | 'p99') => median(ratios.map((ratio) => ratio[name])).toFixed(2)
  process.stdout.write(
    `\n÷ bare Fastify, median of the rounds, EventBridge's traffic\n` +
      `events per second ${of('rate')} (target ≥ 0.6), p99 of the response at half of that rate ${of('p99')} (target ≤ 2)\n`,
  )
}
