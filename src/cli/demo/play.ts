import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { DeliveryReport } from '../../deliver/attempt.ts'
import type { SimulatedCall } from '../../simulator/simulator.ts'
import type { Stage } from './stage.ts'
import type { Step } from './steps.ts'

/** What came of one participant's part of a step. */
export interface Effect {
  readonly participantId: string
  readonly rules: readonly string[]
  readonly outcome: string
  readonly call: SimulatedCall | undefined
  readonly attributes: Readonly<Record<string, string>>
}

export interface Played {
  readonly answer: string
  readonly effects: readonly Effect[]
  /** What is not as expected; empty if all is well. */
  readonly surprises: readonly string[]
}

const answerBody = z.object({ accepted: z.number(), duplicates: z.number(), ignored: z.number() })
const settleWithinMs = 5_000

/** Posts a step, waits until each of its events is settled, and compares with what was expected. */
export async function play(step: Step, stage: Stage): Promise<Played> {
  const callsBefore = stage.simulator.calls().at(-1)?.seq ?? 0
  const reportsBefore = stage.reports.length
  const response = await stage.post(step)
  const body = answerBody.safeParse(await response.json()).data ?? { accepted: 0, duplicates: 0, ignored: 0 }
  const settled = await reportsOf(stage, reportsBefore, body.accepted)
  const calls = stage.simulator.calls(callsBefore).filter(({ method }) => method === 'PATCH')
  const effects = settled.map((report) => toEffect(report, calls, stage))
  return {
    answer: describe(response.status, body),
    effects,
    surprises: compare(step, response.status, body, effects),
  }
}

async function reportsOf(stage: Stage, from: number, events: number): Promise<DeliveryReport[]> {
  const deadline = Date.now() + settleWithinMs
  for (;;) {
    const reports = stage.reports.slice(from)
    const settled = reports.reduce((sum, { outcomes }) => sum + outcomes.length, 0)
    if (settled >= events || Date.now() > deadline) return reports
    await sleep(5)
  }
}

function toEffect(report: DeliveryReport, calls: readonly SimulatedCall[], { simulator }: Stage): Effect {
  const { conversationId, participantId } = report.claim.key
  const participant = simulator
    .conversation(conversationId)
    ?.participants.find(({ id }) => id === participantId)
  return {
    participantId,
    rules: report.decisions.flatMap(({ matched }) => matched),
    outcome: report.outcomes.map(({ state }) => state).join(', '),
    call: calls.find((call) => call.participantId === participantId),
    attributes: participant?.attributes ?? {},
  }
}

function describe(status: number, counts: z.infer<typeof answerBody>): string {
  const told = Object.entries(counts).filter(([, count]) => count > 0)
  return `${status} ${told.map(([name, count]) => `${count} ${count === 1 ? name.replace(/s$/, '') : name}`).join(', ')}`
}

function compare(
  step: Step,
  status: number,
  counts: z.infer<typeof answerBody>,
  effects: readonly Effect[],
): string[] {
  const surprises: string[] = []
  const expectSame = (what: string, actual: unknown, expected: unknown) => {
    const [shown, wanted] = [JSON.stringify(actual), JSON.stringify(expected)]
    if (shown !== wanted) surprises.push(`${what} is ${shown}, expected ${wanted}`)
  }
  expectSame('status', status, 202)
  expectSame('answer', counts, { accepted: 0, duplicates: 0, ignored: 0, ...step.expect.answer })
  for (const [participantId, { outcome, attributes }] of Object.entries(step.expect.participants ?? {})) {
    const effect = effects.find((candidate) => candidate.participantId === participantId)
    expectSame(`outcome of ${participantId}`, effect?.outcome, outcome)
    expectSame(`attributes of ${participantId}`, sorted(effect?.attributes ?? {}), sorted(attributes))
    expectSame(`PATCH of ${participantId} made`, effect?.call !== undefined, outcome === 'applied')
  }
  return surprises
}

const sorted = (attributes: Readonly<Record<string, string>>) =>
  Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1))
