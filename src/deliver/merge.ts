import { type ConversationEvent, effectiveTime } from '../event.ts'
import type { KnownValue, KnownValues, PendingEvent } from '../inbox/inbox.ts'

/** An event of one participant, and the attributes that rules set for it. */
export interface DecidedEvent extends PendingEvent {
  readonly attributes: Readonly<Record<string, string>>
}

export interface Merged {
  /** The attributes of the PATCH; empty if the participant has all values. */
  readonly send: Readonly<Record<string, string>>
  /** Sequences of the events in the PATCH, including those whose values a later event replaced. */
  readonly carried: ReadonlySet<number>
  /** Sequences of the events that are not in the PATCH because of a later event with another value. */
  readonly outranked: ReadonlySet<number>
  /** The known values after `send` was applied at `at`. */
  knownAfter(at: number): KnownValues
  /** The known values without `send`: values that needed no call. */
  knownUnsent(): KnownValues
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }
interface MergedValue extends Mutable<KnownValue> {
  /** The value that the participant has, as far as known. */
  current: string | undefined
  changed: boolean
}

/**
 * Merges the pending changes of one participant. For each attribute the event with the latest effective time wins,
 * also against the settled events behind `known`; if two times are equal, the event accepted later wins. A value that
 * the participant is known to have is not sent. Pure.
 */
export function merge(events: readonly DecidedEvent[], known: KnownValues): Merged {
  const values = new Map<string, MergedValue>()
  for (const [name, entry] of known) values.set(name, { ...entry, current: entry.value, changed: false })

  for (const { event, acceptedAt, sequence, attributes } of events) {
    const decidedAt = effectiveTime(event, acceptedAt)
    for (const [name, value] of Object.entries(attributes)) {
      const entry = values.get(name)
      if (entry === undefined) {
        values.set(name, { value, decidedAt, sequence, knownAt: 0, current: undefined, changed: true })
      } else if (
        decidedAt > entry.decidedAt ||
        (decidedAt === entry.decidedAt && sequence > entry.sequence)
      ) {
        Object.assign(entry, { value, decidedAt, sequence, changed: true })
      }
    }
  }
  for (const { event, acceptedAt } of events) applyReport(values, event, effectiveTime(event, acceptedAt))

  const send: Record<string, string> = Object.create(null)
  for (const [name, entry] of values) {
    const decidedHere = entry.changed && events.some(({ sequence }) => sequence === entry.sequence)
    if (decidedHere && entry.value !== entry.current) send[name] = entry.value
  }
  const carried = events.filter(({ attributes }) => Object.keys(attributes).some((name) => name in send))
  const isOutranked = ({ attributes, sequence }: DecidedEvent) =>
    Object.entries(attributes).some(([name, value]) => {
      const entry = values.get(name)
      return entry !== undefined && entry.sequence !== sequence && (entry.current ?? entry.value) !== value
    })
  const carriedSequences = new Set(carried.map(({ sequence }) => sequence))
  const uncarried = events.filter(({ sequence }) => !carriedSequences.has(sequence))
  return {
    send,
    carried: carriedSequences,
    outranked: new Set(uncarried.filter(isOutranked).map(({ sequence }) => sequence)),
    knownAfter: (at) => knownOf(values, send, at),
    knownUnsent: () => knownOf(new Map([...values].filter(([name]) => !(name in send))), send, 0),
  }
}

function knownOf(
  values: ReadonlyMap<string, MergedValue>,
  send: Readonly<Record<string, string>>,
  at: number,
): KnownValues {
  const after = new Map<string, KnownValue>()
  for (const [name, { value, decidedAt, sequence, knownAt, current, changed }] of values) {
    if (!changed) continue
    const sent = name in send
    after.set(name, {
      value: sent ? value : (current ?? value),
      decidedAt,
      sequence,
      knownAt: sent ? at : knownAt,
    })
  }
  return after
}

/**
 * Applies `participant.attributes`, the participant's values at the time of the event. Only attributes that rules set matter.
 * (The `attributes` of a canonical event are input for rules, not values that the participant has.)
 */
function applyReport(values: Map<string, MergedValue>, event: ConversationEvent, at: number): void {
  for (const [name, value] of Object.entries(event.participant.attributes ?? {})) {
    const entry = values.get(name)
    // An event without a time may be older than our last PATCH, so it does not count.
    const trusted = event.occurredAt !== undefined || entry?.knownAt === 0
    if (entry !== undefined && trusted && at > entry.knownAt) {
      if (entry.current !== value) Object.assign(entry, { current: value, changed: true })
      entry.knownAt = at
    }
  }
}
