import { type ConversationEvent, effectiveTime } from '../event.ts'
import type { KnownValue, KnownValues } from '../inbox/inbox.ts'

/** An event of one participant, and the attributes that the rules decided for it. */
export interface DecidedEvent {
  readonly sequence: number
  readonly acceptedAt: number
  readonly event: ConversationEvent
  readonly attributes: Readonly<Record<string, string>>
}

export interface Merged {
  /** The attributes that one PATCH has to set; empty if the participant has them all. */
  readonly send: Readonly<Record<string, string>>
  /** Sequences of the events in the PATCH, also of those whose value a later event overruled. */
  readonly carried: ReadonlySet<number>
  /** The known values once `send` is applied at `at`. */
  knownAfter(at: number): KnownValues
  /** The known values without `send`: decided, but no call was needed. */
  knownUnsent(): KnownValues
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }
interface Slot extends Mutable<KnownValue> {
  /** The participant's present value, as far as known. */
  current: string | undefined
  changed: boolean
}

/**
 * Merges the pending changes of one participant. For each attribute the value of the event with the latest
 * effective time wins (ties: the one accepted later), also against events settled long ago; a value that
 * the participant is known to have is not sent. Pure.
 */
export function merge(events: readonly DecidedEvent[], known: KnownValues): Merged {
  const slots = new Map<string, Slot>()
  for (const [name, entry] of known) slots.set(name, { ...entry, current: entry.value, changed: false })

  for (const { event, acceptedAt, sequence, attributes } of events) {
    const decidedAt = effectiveTime(event, acceptedAt)
    for (const [name, value] of Object.entries(attributes)) {
      const slot = slots.get(name)
      if (slot === undefined) {
        slots.set(name, { value, decidedAt, sequence, knownAt: 0, current: undefined, changed: true })
      } else if (decidedAt > slot.decidedAt || (decidedAt === slot.decidedAt && sequence > slot.sequence)) {
        Object.assign(slot, { value, decidedAt, sequence, changed: true })
      }
    }
  }
  for (const { event, acceptedAt } of events) observe(slots, event, effectiveTime(event, acceptedAt))

  const send: Record<string, string> = Object.create(null)
  for (const [name, slot] of slots) {
    const decidedHere = slot.changed && events.some(({ sequence }) => sequence === slot.sequence)
    if (decidedHere && slot.value !== slot.current) send[name] = slot.value
  }
  const carried = events.filter(({ attributes }) => Object.keys(attributes).some((name) => name in send))
  return {
    send,
    carried: new Set(carried.map(({ sequence }) => sequence)),
    knownAfter: (at) => knownOf(slots, send, at),
    knownUnsent: () => knownOf(new Map([...slots].filter(([name]) => !(name in send))), send, 0),
  }
}

function knownOf(
  slots: ReadonlyMap<string, Slot>,
  send: Readonly<Record<string, string>>,
  at: number,
): KnownValues {
  const after = new Map<string, KnownValue>()
  for (const [name, { value, decidedAt, sequence, knownAt, current, changed }] of slots) {
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
 * `participant.attributes` are the participant's values at that time; only attributes that rules set matter. (The
 * `attributes` of a canonical event are what its sender wants rules to see, not a fact about the participant.)
 */
function observe(slots: Map<string, Slot>, event: ConversationEvent, at: number): void {
  for (const [name, value] of Object.entries(event.participant.attributes ?? {})) {
    const slot = slots.get(name)
    // An event without a time may be older than what we have set since, so it does not count.
    const trusted = event.occurredAt !== undefined || slot?.knownAt === 0
    if (slot !== undefined && trusted && at > slot.knownAt) {
      if (slot.current !== value) Object.assign(slot, { current: value, changed: true })
      slot.knownAt = at
    }
  }
}
