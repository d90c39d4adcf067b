import { setTimeout as sleep } from 'node:timers/promises'
import type { Answer } from '../genesys/classify.ts'
import {
  createGenesys,
  type Genesys,
  type GenesysOptions,
  type ParticipantsAnswer,
} from '../genesys/genesys.ts'
import type { Random } from '../timing/backoff.ts'
import { createLimiter } from './limiter.ts'
import { createPauseGate } from './pause-gate.ts'
import { createRateBudget, type RateBudgetOptions } from './rate-budget.ts'

/**
 * Calls of a command that has no inbox: one at a time, with the token, rate budget and pauses of the service. After a 429 a call
 * waits and is made again, and so is a call whose token the API refused, once. Any other answer is final. `rate_limited`
 * means that the timeout ends before the next call may start.
 */
export interface DirectCalls extends Pick<Genesys, 'readParticipants' | 'patchAttributes'> {
  /** Releases connections and timers. */
  close(): void
}

export interface DirectCallsDeps {
  readonly client: Omit<GenesysOptions, 'maxInFlight' | 'now'>
  readonly limits: RateBudgetOptions
  /** For all calls and waits together, from now on. */
  readonly timeoutMs: number
  /** Called before each wait for the rate limit. */
  readonly onWait: (waitMs: number) => void
  readonly now: () => number
  /** Epoch ms that never jump. */
  readonly monotonic: () => number
  readonly random: Random
}

export function createDirectCalls(deps: DirectCallsDeps): DirectCalls {
  const { client, limits, timeoutMs, onWait, now, monotonic, random } = deps
  const genesys = createGenesys({ ...client, maxInFlight: 1, now })
  const budget = createRateBudget(limits)
  const limiter = createLimiter({ budget, maxInFlight: 1, now: monotonic })
  const gate = createPauseGate(random)
  const endsAt = monotonic() + timeoutMs
  const timer = setTimeout(release, timeoutMs)
  let isOver = false

  /** Ends waits for the limiter and aborts calls under way. */
  function release(): void {
    isOver = true
    clearTimeout(timer)
    limiter.stop().catch(() => undefined)
    genesys.close()
  }

  /** When the next call may start. */
  function nextStart(at: number): number {
    const { startable, risesAt = at } = budget.availability(at)
    return Math.max(gate.pauseEnd(at) ?? at, startable > 0 ? at : risesAt)
  }

  /** The timeout ends before the next call may start. `refused`: the 429 that says so. */
  function outOfTime(refused: ParticipantsAnswer | undefined, waitMs: number): ParticipantsAnswer {
    if (refused !== undefined) return refused
    if (waitMs > 0) return { answer: { kind: 'rate_limited', retryAfterMs: waitMs }, participants: undefined }
    const detail = `no answer within ${timeoutMs} ms`
    return { answer: { kind: 'unavailable', detail, cause: detail }, participants: undefined }
  }

  async function paced(call: () => Promise<ParticipantsAnswer>): Promise<ParticipantsAnswer> {
    let refused: ParticipantsAnswer | undefined
    for (;;) {
      const at = monotonic()
      const waitMs = nextStart(at) - at
      if (isOver || at + waitMs > endsAt) return outOfTime(refused, waitMs)
      if (waitMs > 0) {
        onWait(waitMs)
        await sleep(waitMs)
      }
      const result = await admitted(call)
      if (result === undefined) continue
      refused = result.answer.kind === 'rate_limited' ? result : undefined
      if (result.answer.kind === 'rate_limited') {
        const { retryAfterMs = limits.rateWindowMs } = result.answer
        const answeredAt = monotonic()
        gate.pause(answeredAt + retryAfterMs, answeredAt)
      } else if (isFinal(result.answer)) return result
    }
  }

  /** `unavailable` after the timeout: the call was aborted. */
  const isFinal = ({ kind }: Answer): boolean =>
    kind !== 'token_expired' && !(isOver && kind === 'unavailable')

  /** Undefined: the timeout ended before the call. */
  async function admitted(call: () => Promise<ParticipantsAnswer>): Promise<ParticipantsAnswer | undefined> {
    let result: ParticipantsAnswer | undefined
    await limiter.run(async () => {
      result = await call()
      return { kind: 'called', rate: result.answer.rate }
    })
    return result
  }

  return {
    readParticipants: (conversationId) => paced(() => genesys.readParticipants(conversationId)),
    patchAttributes: async (target, attributes) => {
      const call = async () => ({
        answer: await genesys.patchAttributes(target, attributes),
        participants: undefined,
      })
      return (await paced(call)).answer
    },
    close: release,
  }
}
