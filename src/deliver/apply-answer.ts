import type { Answer } from '../genesys/classify.ts'
import type { ParticipantKey } from '../inbox/inbox.ts'
import type { CircuitBreaker } from './circuit-breaker.ts'
import type { PauseGate } from './pause-gate.ts'

export interface DeliveryLog {
  warn(fields: Readonly<Record<string, unknown>>, message: string): void
  error(fields: Readonly<Record<string, unknown>>, message: string): void
}

export interface LearnDeps {
  readonly gate: PauseGate
  readonly circuit: CircuitBreaker
  readonly log: DeliveryLog
  /** Used for a 429 with neither Retry-After nor a reset header. */
  readonly defaultPauseMs: number
  readonly now: () => number
}

/** What the answer to one participant's call means for everybody's calls. */
export function createLearn({ gate, circuit, log, defaultPauseMs, now }: LearnDeps) {
  return (answer: Answer, key: ParticipantKey): void => {
    const at = now()
    if (answer.kind === 'rate_limited') {
      const { retryAfterMs = defaultPauseMs } = answer
      const { until, clamped } = gate.pauseUntil(at + retryAfterMs, at)
      log.warn(
        { code: 'rate_limited', retryAfterMs, until: new Date(until).toISOString(), clamped },
        'Genesys Cloud asked to wait: all calls pause',
      )
    } else if (answer.kind === 'credentials_refused') {
      circuit.refused(at)
      log.error(
        { code: answer.kind },
        'Genesys Cloud refuses the OAuth client: delivery waits, events stay pending',
      )
    } else if (answer.kind === 'unavailable') {
      const before = circuit.open()
      circuit.failed(at, `${key.conversationId}/${key.participantId}`, answer.retryAfterMs)
      if (before === undefined && circuit.open() !== undefined)
        log.error(
          { code: 'api_unavailable', cause: answer.cause },
          'Genesys Cloud fails repeatedly: delivery waits, events stay pending',
        )
    } else if (answer.kind !== 'token_expired') {
      if (circuit.open() !== undefined) log.warn({}, 'Genesys Cloud answers again: delivery goes on')
      circuit.succeeded()
      gate.succeeded(at)
    }
  }
}
