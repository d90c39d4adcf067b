import { isDeepStrictEqual } from 'node:util'
import type { ConversationEvent } from '../../src/event.ts'
import { median } from '../support/median.ts'
import type { Contender, Outcome } from './contender.ts'

const warmUpMs = 400
const roundMs = 500
const rounds = 3

/** Throws unless all contenders decide the same for each event. */
export async function agreed(
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

/** Without regard to prototypes and to the order of attributes. */
const plain = ({ matched, attributes }: Outcome) => ({ matched, attributes: { ...attributes } })

/** Microseconds of processor time an event of each contender: the median of the rounds, in which they take turns. */
export async function measure(
  contenders: readonly Contender[],
  events: readonly ConversationEvent[],
): Promise<readonly number[]> {
  for (const contender of contenders) await time(contender, events, warmUpMs)
  const times = contenders.map((contender) => ({ contender, seen: [] as number[] }))
  for (let round = 0; round < rounds; round += 1)
    for (const { contender, seen } of times) seen.push(await time(contender, events, roundMs))
  return times.map(({ seen }) => median(seen))
}

/** All events at least once, and again until the time is over. */
async function time(
  { decide }: Contender,
  events: readonly ConversationEvent[],
  leastMs: number,
): Promise<number> {
  const startedAt = workedMs()
  let passes = 0
  do {
    for (const event of events) {
      const outcome = decide(event)
      // To wait for what is there already would take time too.
      if (outcome instanceof Promise) await outcome
    }
    passes += 1
  } while (workedMs() - startedAt < leastMs)
  return ((workedMs() - startedAt) * 1_000) / (passes * events.length)
}

/** Processor time of this thread, which does not count what other programs do meanwhile. */
function workedMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}
