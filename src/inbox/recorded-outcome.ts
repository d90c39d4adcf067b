import { type EventHistory, type EventState, unchangedReasons } from './history.ts'

/** The columns of an outcome, the same in every engine. */
interface OutcomeColumns {
  readonly state: EventState
  /** Of a dead letter, its code; of an unchanged event, its reason. */
  readonly code: string | null
  /** The code of the last failed attempt of a pending event. */
  readonly failureCode: string | null
  /** The status of the API's last answer. */
  readonly status: number | null
  readonly correlationId: string | null
}

/** What the columns of an outcome mean in the life of the event. */
export function toOutcome({
  state,
  code,
  failureCode,
  status,
  correlationId,
}: OutcomeColumns): Pick<EventHistory, 'code' | 'reason' | 'api'> {
  const isUnchanged = state === 'unchanged'
  const hasAnswer = status !== null || correlationId !== null
  return {
    code: isUnchanged ? undefined : (failureCode ?? code ?? undefined),
    reason: isUnchanged ? unchangedReasons.find((reason) => reason === code) : undefined,
    api: hasAnswer
      ? { ...(status !== null && { status }), ...(correlationId !== null && { correlationId }) }
      : undefined,
  }
}
