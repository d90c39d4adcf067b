import { setTimeout as sleep } from 'node:timers/promises'
import { customerEvent, type RunningService } from '../../../test/helpers/process.ts'

export interface Load {
  /** Identities of the events that were answered with 202. */
  readonly accepted: ReadonlySet<string>
  /** Answers 503. */
  refused(): number
  /** Answers that a sender must not get: no answer, another status, no Retry-After. */
  readonly problems: readonly string[]
  /** The longest time that a sender waited for an answer since the last call. */
  longestAnswerMs(): number
  stop(): Promise<void>
}

export interface LoadOptions {
  readonly senders: number
  readonly participants: number
  /** Of each sender, after an answer. */
  readonly pauseMs: number
}

/** Senders that post single events, each until the service answers 202. */
export function startLoad(service: RunningService, { senders, participants, pauseMs }: LoadOptions): Load {
  const accepted = new Set<string>()
  const problems: string[] = []
  let refused = 0
  let longestMs = 0
  let isRunning = true

  async function send(event: object): Promise<boolean> {
    const startedAt = performance.now()
    try {
      const { status, headers, body } = await service.post(event)
      if (status === 202) return true
      refused += 1
      if (status !== 503 || body.code !== 'store_unavailable' || headers.get('retry-after') === null)
        problems.push(`answer ${status} ${body.code}`)
    } catch (error) {
      problems.push(`no answer: ${error}`)
    } finally {
      longestMs = Math.max(longestMs, performance.now() - startedAt)
    }
    return false
  }

  async function run(sender: number): Promise<void> {
    for (let n = 0; isRunning; n += 1) {
      const event = customerEvent(n % participants, `${sender}-${n}`)
      while (isRunning) {
        const isAccepted = await send(event)
        if (isAccepted) accepted.add(`id:${event.id}`)
        await sleep(pauseMs)
        if (isAccepted) break
      }
    }
  }

  const running = Array.from({ length: senders }, (_, sender) => run(sender))
  return {
    accepted,
    refused: () => refused,
    problems,
    longestAnswerMs: () => {
      const longest = longestMs
      longestMs = 0
      return longest
    },
    stop: async () => {
      isRunning = false
      await Promise.all(running)
    },
  }
}
