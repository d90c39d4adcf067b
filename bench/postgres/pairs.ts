import { until } from '../../test/helpers/wait.ts'
import { flood } from '../ingest/load.ts'
import { customerStart, knownCustomer, signedRequest } from '../ingest/requests.ts'
import { createOwner } from '../support/setup.ts'
import type { createEngines, Engine, Running } from './engines.ts'

export interface Measured {
  readonly perSecond: number
  /** Processor time of the service and of the server, in µs per event. */
  readonly serviceUs: number
  readonly serverUs: number
}

/** Events in a request of a batch. */
const eventsPerBatch = 100

const signed = (count: number, payload: () => unknown): Buffer[] =>
  Array.from({ length: count }, () => signedRequest(payload()))
const batch = () => Array.from({ length: eventsPerBatch }, customerStart)
const settled = ({ status }: Running) =>
  until('all events are settled', async () => (await status?.())?.inbox.pending === 0, 240_000)

export const loads = {
  singles: {
    events: 20_000,
    perRequest: 1,
    connections: 64,
    payload: customerStart,
    waitFor: async () => {},
  },
  batches: {
    events: 60_000,
    perRequest: eventsPerBatch,
    connections: 8,
    payload: batch,
    waitFor: async () => {},
  },
  settled: { events: 20_000, perRequest: 1, connections: 64, payload: knownCustomer, waitFor: settled },
} as const

export type Load = keyof typeof loads

/** Starts a new service, warms it up, and sends it the load. */
export async function measure(
  open: ReturnType<typeof createEngines>,
  engine: Engine,
  load: Load,
  share: number,
): Promise<Measured> {
  const { perRequest, connections, payload, waitFor } = loads[load]
  const events = Math.ceil((loads[load].events * share) / perRequest) * perRequest
  const owner = createOwner()
  try {
    const target = await open(engine, owner)
    await flood(target.url, signed(events / perRequest / 2, payload), connections)
    await waitFor(target)
    const work = signed(events / perRequest, payload)
    const before = target.cpu()
    const startedAt = performance.now()
    await flood(target.url, work, connections)
    await waitFor(target)
    const seconds = (performance.now() - startedAt) / 1_000
    const { service, server } = target.cpu()
    return {
      perSecond: events / seconds,
      serviceUs: (service - before.service) / events,
      serverUs: (server - before.server) / events,
    }
  } finally {
    await owner.release()
  }
}
