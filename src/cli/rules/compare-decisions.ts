import { type ConversationEvent, effectiveTime } from '../../event.ts'
import type { RecordedEvent } from '../../inbox/inbox.ts'
import { readEnvelope } from '../../ingest/envelopes/envelopes.ts'
import { identify } from '../../ingest/identity.ts'
import { decideWithLookups } from '../../rules/decide-with-lookups.ts'
import type { Decision, EventFacts } from '../../rules/decision.ts'
import type { LoadedRules } from '../../rules/load-rules.ts'
import type { MapItem } from '../../rules/mappings/map-item.ts'

/** An attribute that two decisions set differently. Absent: not set. */
export interface ChangedAttribute {
  /** `''`: the event has no participant. */
  readonly participantId: string
  readonly attribute: string
  readonly before?: string
  readonly after?: string
}

export interface DiffTotals {
  readonly events: number
  readonly same: number
  readonly different: number
  /** Number of events that could not be compared, by the data they need. */
  readonly unknown: ReadonlyMap<string, number>
  /** Number of events by rule that only the new file matches (`gained`) or only the old one (`lost`). */
  readonly gained: ReadonlyMap<string, number>
  readonly lost: ReadonlyMap<string, number>
}

export interface DiffRun {
  readonly before: LoadedRules
  readonly after: LoadedRules
  readonly events: Iterable<RecordedEvent> | AsyncIterable<RecordedEvent>
  /** Whether HTTP lookups are called. */
  readonly online: boolean
  readonly onDifferent: (event: RecordedEvent, attributes: readonly ChangedAttribute[]) => void
  /** Called before each event, with the number of those before it. */
  readonly onEvent?: (done: number) => void
}

/** Decides each event by both rules files, without current attribute values and other participants. */
export async function compareDecisions({
  before,
  after,
  events,
  online,
  onDifferent,
  onEvent,
}: DiffRun): Promise<DiffTotals> {
  const totals = { events: 0, same: 0, different: 0 }
  const unknown = new Map<string, number>()
  const gained = new Map<string, number>()
  const lost = new Map<string, number>()
  const areMapped = [before, after].some(({ rules }) => rules.mapItem !== undefined)
  const decide = async (
    loaded: LoadedRules,
    { event: recorded, acceptedAt }: RecordedEvent,
  ): Promise<Side> => {
    const event = areMapped ? remapEvent(loaded.rules.mapItem, recorded) : recorded
    const at = effectiveTime(event ?? recorded, acceptedAt)
    const facts = { participants: undefined, known: new Map(), at }
    if (event === undefined) return { loaded, event, facts, decision: emptyDecision }
    const decision = online
      ? await decideWithLookups(loaded.rules, event, facts)
      : loaded.rules.evaluate(event, facts)
    return { loaded, event, facts, decision }
  }
  for await (const recorded of events) {
    onEvent?.(totals.events)
    const sides = [await decide(before, recorded), await decide(after, recorded)] as const
    const [old, now] = [sides[0].decision, sides[1].decision]
    totals.events += 1
    const needs = [...old.needs, ...now.needs]
    if (needs.length > 0 && waitingRules(sides[0]) !== waitingRules(sides[1])) {
      for (const need of new Set(needs.map(describeNeed))) add(unknown, need)
      continue
    }
    for (const rule of now.matched) if (!old.matched.includes(rule)) add(gained, rule)
    for (const rule of old.matched) if (!now.matched.includes(rule)) add(lost, rule)
    const attributes = changedAttributes(old, now)
    if (attributes.length === 0) totals.same += 1
    else {
      totals.different += 1
      onDifferent(recorded, attributes)
    }
  }
  return { ...totals, unknown, gained, lost }
}

const add = (counts: Map<string, number>, name: string): void => {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}

/** The decision of one rules file for a recorded event. */
interface Side {
  readonly loaded: LoadedRules
  /** Undefined: the service would reject or ignore the item. */
  readonly event: ConversationEvent | undefined
  readonly facts: EventFacts
  readonly decision: Decision
}

const emptyDecision: Decision = { changes: [], matched: [], undecided: [], needs: [], blocked: [] }

/** The definitions of the rules that wait for data, and of all lookups, as JSON. */
function waitingRules({ loaded: { rules, document }, event, facts }: Side): string {
  if (event === undefined) return '[]'
  const waiting = new Set(
    rules.explain(event, facts).rules.flatMap(({ rule, result }) => (result === 'needs' ? [rule] : [])),
  )
  const definitions = document.rules
    .map(({ definition }) => definition)
    .filter(({ name }) => waiting.has(name))
  return JSON.stringify(waiting.size === 0 ? [] : [definitions, [...document.lookups]])
}

const describeNeed = (need: Decision['needs'][number]): string =>
  need.kind === 'lookup' ? `lookup ${need.table}` : 'the conversation from Genesys Cloud'

/**
 * Reads the original item of a recorded event again, by these mappings. Undefined: the service would reject or ignore it.
 * Keeps `id` and `occurredAt`: those of a surrounding CloudEvent are not in the recorded body.
 */
function remapEvent(
  mapItem: MapItem | undefined,
  recorded: ConversationEvent,
): ConversationEvent | undefined {
  const { body, identity, id, occurredAt, participantId } = recorded
  const result = readEnvelope(body, mapItem)
  const drafts = result.kind === 'events' ? result.drafts : []
  // A snapshot has one event per participant, each recorded separately.
  const draft = drafts.length > 1 ? drafts.find((each) => each.participantId === participantId) : drafts[0]
  if (draft === undefined) return undefined
  const recordedFields = { ...(id !== undefined && { id }), ...(occurredAt !== undefined && { occurredAt }) }
  return { ...recordedFields, ...identify(draft, { index: 0 }), identity }
}

/** The attributes that differ, by participant. Empty: both set the same. Ignores `needs` and `blocked`. */
export function changedAttributes(before: Decision, after: Decision): readonly ChangedAttribute[] {
  const participants = new Set(
    [...before.changes, ...after.changes].map(({ participantId }) => participantId),
  )
  return [...participants].flatMap((participantId) => {
    const [old, now] = [before, after].map(({ changes }) => valuesFor(changes, participantId))
    return [...new Set([...(old?.keys() ?? []), ...(now?.keys() ?? [])])].flatMap((attribute) => {
      const [was, is] = [old?.get(attribute), now?.get(attribute)]
      if (was === is) return []
      return [
        {
          participantId,
          attribute,
          ...(was !== undefined && { before: was }),
          ...(is !== undefined && { after: is }),
        },
      ]
    })
  })
}

const valuesFor = (changes: Decision['changes'], participantId: string): ReadonlyMap<string, string> =>
  new Map(
    changes
      .filter((change) => change.participantId === participantId)
      .flatMap(({ attributes }) => Object.entries(attributes)),
  )
