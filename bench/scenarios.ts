import { attributesAt, customerEvent, patches } from '../test/helpers/process.ts'
import { until } from '../test/helpers/wait.ts'
import { type BenchOptions, createOwner, startBenchService, startBenchSimulator } from './support/setup.ts'
import { usageOf } from './support/windows.ts'

type Bench = Awaited<ReturnType<typeof startBenchSimulator>> & {
  readonly service: Awaited<ReturnType<typeof startBenchService>>
}

async function withBench(
  options: BenchOptions,
  rules: string | undefined,
  run: (bench: Bench) => Promise<string>,
): Promise<string> {
  const owner = createOwner()
  try {
    const bench = await startBenchSimulator(owner, options)
    return await run({ ...bench, service: await startBenchService(owner, bench.simulator, rules) })
  } finally {
    await owner.release()
  }
}

const wide = { allowed: 100_000, windowMs: 60_000, latencyMs: 0 }

/** Time from the start of the POST to the arrival of the PATCH, one event at a time. */
export const idle = (): Promise<string> =>
  withBench({ ...wide, participants: 200 }, undefined, async ({ simulator, service }) => {
    const delays: number[] = []
    for (let index = 0; index < 200; index += 1) {
      const startedAt = performance.timeOrigin + performance.now()
      await service.post(customerEvent(index))
      const call = await until('the PATCH', () =>
        patches(simulator).find(({ conversationId }) => conversationId === `conversation-${index}`),
      )
      delays.push(call.at - startedAt)
      await until('the event is settled', async () => (await service.status()).inbox.pending === 0)
    }
    delays.sort((a, b) => a - b)
    return `idle: webhook in → PATCH out p50 ${delays[100]?.toFixed(1)} ms, p99 ${delays[198]?.toFixed(1)} ms (the simulator's clock has whole milliseconds)`
  })

/** 20 participants with 30 events each within one second; the latest value must win. */
export const chatty = (): Promise<string> =>
  withBench({ ...wide, latencyMs: 200, participants: 20 }, undefined, async ({ simulator, service }) => {
    const base = Date.now() - 60_000
    for (let round = 0; round < 30; round += 1) {
      const batch = Array.from({ length: 20 }, (_, index) => ({
        ...customerEvent(index, `mark-${round}`),
        occurredAt: base + round,
      }))
      await service.post(batch)
    }
    await until('all events are settled', async () => (await service.status()).inbox.pending === 0)
    const counts = Array.from(
      { length: 20 },
      (_, index) =>
        patches(simulator).filter(({ conversationId }) => conversationId === `conversation-${index}`).length,
    )
    const correct = Array.from(
      { length: 20 },
      (_, index) => attributesAt(simulator, index)?.seen === 'mark-29',
    ).filter(Boolean).length
    const overlapping = patches(simulator).filter(
      ({ inFlightForParticipant }) => inFlightForParticipant > 1,
    ).length
    return `chatty: 30 events of each of 20 participants within 1 s: ${Math.max(...counts)} PATCHes at most per participant, ${overlapping} overlapping, final value correct for ${correct} of 20`
  })

const ownEventRules = `
version: 1
rules:
  - { name: set, on: [conversation:created], set: { vip_status: true } }
  - { name: again, on: [attributes], set: { vip_status: true } }
`

/** Each PATCH causes an event that matches a rule. */
export const ownEvents = (): Promise<string> =>
  withBench({ ...wide, participants: 100 }, ownEventRules, async ({ simulator, service }) => {
    await service.post(Array.from({ length: 100 }, (_, index) => customerEvent(index)))
    await until('all events are applied', async () => (await service.status()).totals.applied === 100)
    for (const call of patches(simulator)) {
      await service.post({
        topicName: `v2.detail.events.conversation.${call.conversationId}.attributes`,
        version: '2',
        eventBody: {
          eventTime: call.at,
          conversationId: call.conversationId,
          participantId: call.participantId,
          attributes: call.attributes,
        },
        metadata: {},
      })
    }
    await until(
      'the caused events are settled',
      async () => (await service.status()).totals.unchanged === 100,
    )
    return `own events: 100 changes and the 100 events they cause: ${patches(simulator).length} PATCHes`
  })

/**
 * Another program spends 30 % of the same token's budget, in random amounts at random times while the service sends.
 * A window is used up soon after it starts, so later spending would have no effect.
 */
export const otherSpender = async (): Promise<string> => {
  const updates = 1_200
  const size = { allowed: 300, windowMs: 10_000, latencyMs: 50, participants: updates }
  return withBench(size, undefined, async ({ simulator, windows, service }) => {
    const windowAt = (at: number) => Math.floor((at - windows.originMs) / windows.windowMs)
    const spent = new Map<number, number>()
    const share = 0.3 * windows.allowed
    const spending = setInterval(() => {
      const window = windowAt(Date.now())
      const before = spent.get(window) ?? 0
      const calls = Math.min(Math.floor(Math.random() * 12), share - before)
      if (Math.random() < 0.5 || calls < 1 || simulator.spend(calls) === 0) return
      spent.set(window, before + calls)
    }, 25)
    const startedAt = Date.now()
    for (let from = 0; from < updates; from += 400)
      await service.post(Array.from({ length: 400 }, (_, index) => customerEvent(from + index)))
    await until('all events are settled', async () => (await service.status()).inbox.pending === 0, 120_000)
    clearInterval(spending)
    const usage = usageOf(simulator.calls(), startedAt, windows, spent)
    const percent = (100 * usage.othersShare).toFixed(0)
    return `another program (${percent} % of the budget): ${usage.share.toFixed(4)}of the rest used in ${usage.fullWindows} full windows, ${usage.refused} responses 429, at most ${usage.refusedInOneWindow} in one window`
  })
}
