import type { Simulator } from '../../src/simulator/simulator.ts'
import { attributesAt, patches } from '../../test/helpers/process.ts'

export interface ValuesSent {
  /** Participants without the value of their latest event. */
  readonly wrong: number
  /** PATCHes that set an older value than an earlier PATCH of the same participant. */
  readonly misordered: number
  /** PATCHes that repeat an earlier one: allowed after a crash, but should be few. */
  readonly duplicatesSent: number
  /** PATCHes that began while another one of the same participant was under way. */
  readonly overlapping: number
  readonly calls: number
}

/** Compares the values at the simulator with those of a relay. `latest`: the mark of the latest event of each participant. */
export function valuesOf(simulator: Simulator, latest: ReadonlyMap<number, number>): ValuesSent {
  const calls = patches(simulator)
  const marks = new Map<string, number>()
  const sent = new Set<string>()
  let misordered = 0
  let duplicatesSent = 0
  for (const { participantId = '', attributes, applied } of calls.toSorted((a, b) => a.at - b.at)) {
    if (!applied) continue
    const mark = Number(attributes?.seen)
    const value = `${participantId} ${mark}`
    if (sent.has(value)) duplicatesSent += 1
    if (mark < (marks.get(participantId) ?? 0)) misordered += 1
    sent.add(value)
    marks.set(participantId, mark)
  }
  return {
    wrong: [...latest].filter(([index, mark]) => attributesAt(simulator, index)?.seen !== String(mark))
      .length,
    misordered,
    duplicatesSent,
    overlapping: calls.filter(({ inFlightForParticipant }) => inFlightForParticipant > 1).length,
    calls: calls.length,
  }
}
