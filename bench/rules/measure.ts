import { isDeepStrictEqual } from 'node:util'
import type { ConversationEvent } from '../../src/event.ts'
import { median } from '../support/median.ts'
import type { Contender, Outcome } from './contender.ts'

const warmUpMs = 400
const roundMs = 500
const rounds = 3

/** The outcome of each event. Throws if two contenders decide differently. */
export async function agreedOutcomes(
  contenders: readonly Contender[],
  events: readonly ConversationEvent[],
): Promise<readonly Outcome[]> {
  const [first, ...others] = contenders
  const outcomes: Outcome[] = []
  for (const event of events) {
    const expected = await first?.decide(event)
    if (expected === undefined) throw new Error('there is no contender')
    for (const other of others) {
      const outcome = await other.decide(event)
      if (!isDeepStrictEqual(plain(outcome), plain(expected)))
        throw new Error(
          `${other.name} decides ${JSON.stringify(outcome)}, not ${JSON.stringify(expected)}, for ${JSON.stringify(event)}`,
        )
    }
    outcomes.push(expected)
  }
  return outcomes
}

/** Ignores prototypes. */
const plain = ({ matched, attributes }: Outcome) => ({ matched, attributes: { ...attributes } })

/**
 * Processor time per event in µs, by contender: the median of the rounds. Contenders alternate within a round. Calls `onMeasured`
 * after each of the measurements, outside the measured time.
 */
export async function measure(
  contenders: readonly Contender[],
  events: readonly ConversationEvent[],
  onMeasured?: (done: number, total: number) => void,
): Promise<readonly number[]> {
  for (const contender of contenders) await time(contender, events, warmUpMs)
  const times = contenders.map((contender) => ({ contender, samples: [] as number[] }))
  for (let round = 0; round < rounds; round += 1)
    for (const [index, { contender, samples }] of times.entries()) {
      samples.push(await time(contender, events, roundMs))
      onMeasured?.(round * times.length + index + 1, rounds * times.length)
    }
  return times.map(({ samples }) => median(samples))
}

/** Decides all events repeatedly for at least `minMs`. */
async function time(
  { decide }: Contender,
  events: readonly ConversationEvent[],
  minMs: number,
): Promise<number> {
  const startedAt = cpuMs()
  let passes = 0
  do {
    for (const event of events) {
      const outcome = decide(event)
      // await takes time, so only promises are awaited.
      if (outcome instanceof Promise) await outcome
    }
    passes += 1
  } while (cpuMs() - startedAt < minMs)
  return ((cpuMs() - startedAt) * 1_000) / (passes * events.length)
}

/** Processor time of this thread; excludes other programs. */
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}
