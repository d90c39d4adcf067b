import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { DeliveryReport } from '../../deliver/attempt.ts'
import type { SimulatedCall } from '../../simulator/simulator.ts'
import type { Demo } from './start-demo.ts'
import type { Step } from './steps.ts'

/** The result of a step for one participant. */
export interface Effect {
  readonly participantId: string
  readonly rules: readonly string[]
  readonly outcome: string
  readonly call: SimulatedCall | undefined
  readonly attributes: Readonly<Record<string, string>>
}

export interface StepResult {
  readonly answer: string
  readonly effects: readonly Effect[]
  /** Differences from the expected result; empty if there are none. */
  readonly mismatches: readonly string[]
}

const answerBody = z.object({ accepted: z.number(), duplicates: z.number(), ignored: z.number() })
const settleWithinMs = 5_000

/** Posts a step, waits until its events are settled, and compares the result with the expected one. */
export async function runStep(step: Step, demo: Demo): Promise<StepResult> {
  const callsBefore = demo.simulator.calls().at(-1)?.seq ?? 0
  const reportsBefore = demo.reports.length
  const response = await demo.post(step)
  const body = answerBody.safeParse(await response.json()).data ?? { accepted: 0, duplicates: 0, ignored: 0 }
  const settled = await waitForReports(demo, reportsBefore, body.accepted)
  const calls = demo.simulator.calls(callsBefore).filter(({ method }) => method === 'PATCH')
  const effects = settled.map((report) => toEffect(report, calls, demo))
  return {
    answer: formatAnswer(response.status, body),
    effects,
    mismatches: compare(step, response.status, body, effects),
  }
}

async function waitForReports(demo: Demo, from: number, events: number): Promise<DeliveryReport[]> {
  const deadline = Date.now() + settleWithinMs
  for (;;) {
    const reports = demo.reports.slice(from)
    const settled = reports.reduce((sum, { outcomes }) => sum + outcomes.length, 0)
    if (settled >= events || Date.now() > deadline) return reports
    await sleep(5)
  }
}

function toEffect(report: DeliveryReport, calls: readonly SimulatedCall[], { simulator }: Demo): Effect {
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

function formatAnswer(status: number, counts: z.infer<typeof answerBody>): string {
  const nonZero = Object.entries(counts).filter(([, count]) => count > 0)
  return `${status} ${nonZero.map(([name, count]) => `${count} ${count === 1 ? name.replace(/s$/, '') : name}`).join(', ')}`
}

function compare(
  step: Step,
  status: number,
  counts: z.infer<typeof answerBody>,
  effects: readonly Effect[],
): string[] {
  const mismatches: string[] = []
  const expectSame = (subject: string, actual: unknown, expected: unknown) => {
    const [actualJson, expectedJson] = [JSON.stringify(actual), JSON.stringify(expected)]
    if (actualJson !== expectedJson) mismatches.push(`${subject} is ${actualJson}, expected ${expectedJson}`)
  }
  expectSame('status', status, 202)
  expectSame('answer', counts, { accepted: 0, duplicates: 0, ignored: 0, ...step.expect.answer })
  for (const [participantId, { outcome, attributes }] of Object.entries(step.expect.participants ?? {})) {
    const effect = effects.find((candidate) => candidate.participantId === participantId)
    expectSame(`outcome of ${participantId}`, effect?.outcome, outcome)
    expectSame(`attributes of ${participantId}`, sorted(effect?.attributes ?? {}), sorted(attributes))
    expectSame(`PATCH sent for ${participantId}`, effect?.call !== undefined, outcome === 'applied')
  }
  return mismatches
}

const sorted = (attributes: Readonly<Record<string, string>>) =>
  Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1))
