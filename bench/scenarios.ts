import { attributesAt, customerEvent, patches } from '../test/helpers/process.ts'
import { until } from '../test/helpers/wait.ts'
import { createOwner, openScene, openService, type SceneOptions } from './support/scene.ts'
import { usageOf } from './support/windows.ts'

type Scene = Awaited<ReturnType<typeof openScene>> & {
  readonly service: Awaited<ReturnType<typeof openService>>
}

async function inScene(
  options: SceneOptions,
  rules: string | undefined,
  play: (scene: Scene) => Promise<string>,
): Promise<string> {
  const owner = createOwner()
  try {
    const scene = await openScene(owner, options)
    return await play({ ...scene, service: await openService(owner, scene.simulator, rules) })
  } finally {
    await owner.release()
  }
}

const wide = { allowed: 100_000, windowMs: 60_000, latencyMs: 0 }

/** From the start of the POST to the arrival of the PATCH, one event at a time. */
export const idle = (): Promise<string> =>
  inScene({ ...wide, participants: 200 }, undefined, async ({ simulator, service }) => {
    const delays: number[] = []
    for (let index = 0; index < 200; index += 1) {
      const startedAt = performance.timeOrigin + performance.now()
      await service.post(customerEvent(index))
      const call = await until('the PATCH', () =>
        patches(simulator).find(({ conversationId }) => conversationId === `conversation-${index}`),
      )
      delays.push(call.at - startedAt)
    }
    delays.sort((a, b) => a - b)
    return `idle: webhook in → PATCH out p50 ${delays[100]?.toFixed(1)} ms, p99 ${delays[198]?.toFixed(1)} ms (the simulator's clock has whole milliseconds)`
  })

/** 20 participants with 30 events each within a second; the value of the latest has to stand. */
export const chatty = (): Promise<string> =>
  inScene({ ...wide, latencyMs: 200, participants: 20 }, undefined, async ({ simulator, service }) => {
    const base = Date.now() - 60_000
    for (let round = 0; round < 30; round += 1) {
      const batch = Array.from({ length: 20 }, (_, index) => ({
        ...customerEvent(index, `mark-${round}`),
        occurredAt: base + round,
      }))
      await service.post(batch)
    }
    await until('all are settled', async () => (await service.status()).inbox.pending === 0)
    const counts = Array.from(
      { length: 20 },
      (_, index) =>
        patches(simulator).filter(({ conversationId }) => conversationId === `conversation-${index}`).length,
    )
    const right = Array.from(
      { length: 20 },
      (_, index) => attributesAt(simulator, index)?.seen === 'mark-29',
    ).filter(Boolean).length
    const overlapping = patches(simulator).filter(
      ({ inFlightForParticipant }) => inFlightForParticipant > 1,
    ).length
    return `chatty: 30 events of each of 20 participants within 1 s: ${Math.max(...counts)} PATCHes at most per participant, ${overlapping} overlapping, final value right for ${right} of 20`
  })

const echoing = `
version: 1
rules:
  - { name: set, on: [conversation:created], set: { vip_status: true } }
  - { name: again, on: [attributes], set: { vip_status: true } }
`

/** Each of our own writes comes back as an event that matches a rule. */
export const echoes = (): Promise<string> =>
  inScene({ ...wide, participants: 100 }, echoing, async ({ simulator, service }) => {
    await service.post(Array.from({ length: 100 }, (_, index) => customerEvent(index)))
    await until('all are applied', async () => (await service.status()).totals.applied === 100)
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
    await until('the echoes are settled', async () => (await service.status()).totals.unchanged === 100)
    return `echoes: 100 changes and their 100 echoes: ${patches(simulator).length} PATCHes`
  })

/** Another program spends about 30 % of the same token's budget, in small bites at random times. */
export const otherSpender = async (): Promise<string> => {
  const size = { allowed: 300, windowMs: 10_000, latencyMs: 50, participants: 1_200 }
  return inScene(size, undefined, async ({ simulator, windows, service }) => {
    const spent = new Map<number, number>()
    const spending = setInterval(() => {
      if (Math.random() >= 0.3) return
      const calls = 1 + Math.floor(Math.random() * 5)
      if (simulator.spend(calls) === 0) return
      const window = Math.floor((Date.now() - windows.originMs) / windows.windowMs)
      spent.set(window, (spent.get(window) ?? 0) + calls)
    }, 100)
    const startedAt = Date.now()
    for (let from = 0; from < 1_200; from += 400)
      await service.post(Array.from({ length: 400 }, (_, index) => customerEvent(from + index)))
    await until('all are settled', async () => (await service.status()).inbox.pending === 0, 120_000)
    clearInterval(spending)
    const { share, fullWindows, refused, refusedInOneWindow } = usageOf(
      simulator.calls(),
      startedAt,
      windows,
      spent,
    )
    const others = [...spent.values()].reduce((sum, calls) => sum + calls, 0) / spent.size / windows.allowed
    return `another spender (${(100 * others).toFixed(0)} % of the budget): ${share.toFixed(4)} of what was left used in ${fullWindows} full windows, ${refused} answers 429, at most ${refusedInOneWindow} in one window`
  })
}
