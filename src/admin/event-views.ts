import { giveUpAt } from '../deliver/retry-policy.ts'
import { errorEntry } from '../errors.ts'
import type { DeadLetter, EventHistory } from '../inbox/inbox.ts'
import type { timelineSteps } from './event-schemas.ts'
import { pendingFailure } from './pending-failures.ts'

export const isoTime = (time: number | undefined): string | null =>
  time === undefined ? null : new Date(time).toISOString()

/**
 * An event for the admin API: names, ids and times, never values or addresses. `eventMaxAgeMs`: the limit of the service;
 * undefined if none delivers the event.
 */
export function eventView(history: EventHistory, eventMaxAgeMs?: number): Record<string, unknown> {
  const { event, state, code, api, attributeNames } = history
  const { conversationId, participantId = null } = event
  const entry = code === undefined ? undefined : (errorEntry(code) ?? pendingFailure(code))
  // Until its first attempt, a replayed event has the code with which it was given up before the replay.
  const isEarlier = hasNotFailedSinceReplay(history)
  return {
    id: event.identity,
    sequence: history.sequence,
    state,
    type: event.type,
    topic: event.topic ?? null,
    eventId: event.id ?? null,
    conversationId,
    participantId,
    occurredAt: isoTime(event.occurredAt),
    acceptedAt: isoTime(history.acceptedAt),
    replayedAt: isoTime(history.replayedAt),
    settledAt: isoTime(history.settledAt),
    attempts: history.attempts,
    dueAt: isoTime(history.dueAt),
    giveUpAt:
      state === 'pending' && eventMaxAgeMs !== undefined
        ? isoTime(
            giveUpAt(isEarlier ? undefined : code, history.replayedAt ?? history.acceptedAt, eventMaxAgeMs),
          )
        : null,
    rules: history.rules,
    attributeNames,
    target:
      attributeNames.length === 0
        ? null
        : { conversationId, participantId: history.targetId ?? participantId },
    mergedWith: history.mergedWith,
    api: api === undefined ? null : { status: api.status ?? null, correlationId: api.correlationId ?? null },
    code: code ?? null,
    detail: history.detail ?? entry?.title ?? null,
    remedy: isEarlier ? null : (entry?.remedy ?? null),
    reason: history.reason ?? null,
  }
}

/** Whether a pending event has no failed attempt since its last replay, if any. */
const hasNotFailedSinceReplay = ({ state, failedAt, replayedAt = 0 }: EventHistory): boolean =>
  state === 'pending' && (failedAt === undefined || failedAt < replayedAt)

export const deadLetterView = (letter: DeadLetter): Record<string, unknown> => ({
  ...eventView(letter),
  diedAt: isoTime(letter.diedAt),
})

interface TimelineStep {
  readonly at: number
  readonly what: (typeof timelineSteps)[number]
  readonly code?: string
}

/** The steps of an event in order of time. */
export function timelineOf(history: EventHistory): readonly object[] {
  const { state, code, acceptedAt, replayedAt, failedAt, dueAt, settledAt } = history
  const withCode = code === undefined ? {} : { code }
  const steps: TimelineStep[] = [{ at: acceptedAt, what: 'accepted' }]
  if (replayedAt !== undefined)
    steps.push({ at: replayedAt, what: 'replayed', ...(hasNotFailedSinceReplay(history) && withCode) })
  if (failedAt !== undefined) steps.push({ at: failedAt, what: 'attempt_failed', ...withCode })
  if (dueAt !== undefined) steps.push({ at: dueAt, what: 'next_attempt' })
  if (settledAt !== undefined && state !== 'pending')
    steps.push({ at: settledAt, what: state, ...(state === 'dead' && withCode) })
  return steps.toSorted((one, other) => one.at - other.at).map((step) => ({ ...step, at: isoTime(step.at) }))
}
