import { type ChangedAttribute, changedAttributes } from '../../enrich/compare-decisions.ts'
import type { Decision, EventFacts } from '../../enrich/decision.ts'
import type { LoadedRules } from '../../enrich/enrich.ts'
import { type ConversationEvent, effectiveTime } from '../../event.ts'
import type { RecordedEvent } from '../../inbox/inbox.ts'
import { decideAsking } from './decide.ts'
import { rereadBy } from './reread.ts'

/** What two rules files make of one recorded event. */
export type Compared =
  | { readonly kind: 'same' }
  | { readonly kind: 'different'; readonly attributes: readonly ChangedAttribute[] }
  /** Something has to be fetched first, for rules that are not the same in both files. */
  | { readonly kind: 'unknown'; readonly needs: readonly string[] }

export interface DiffTotals {
  readonly events: number
  readonly same: number
  readonly different: number
  /** Events that could not be compared, by what they would need. */
  readonly unknown: ReadonlyMap<string, number>
  /** Rules that match now and did not before, with how often; and the other way round. */
  readonly gained: ReadonlyMap<string, number>
  readonly lost: ReadonlyMap<string, number>
}

export interface DiffRun {
  readonly before: LoadedRules
  readonly after: LoadedRules
  readonly events: Iterable<RecordedEvent>
  /** Whether lookups over HTTP are asked. */
  readonly online: boolean
  readonly onDifferent: (event: RecordedEvent, attributes: readonly ChangedAttribute[]) => void
}

/** Decides each event by both rules files. Known values and other participants are not taken into account. */
export async function runDiff({ before, after, events, online, onDifferent }: DiffRun): Promise<DiffTotals> {
  const totals = { events: 0, same: 0, different: 0 }
  const [unknown, gained, lost] = [
    new Map<string, number>(),
    new Map<string, number>(),
    new Map<string, number>(),
  ]
  const areMapped = [before, after].some(({ rules }) => rules.mapItem !== undefined)
  const look = async (loaded: LoadedRules, { event: recorded, acceptedAt }: RecordedEvent): Promise<Side> => {
    const event = areMapped ? rereadBy(loaded.rules.mapItem, recorded) : recorded
    const at = effectiveTime(event ?? recorded, acceptedAt)
    const facts = { participants: undefined, known: new Map(), at }
    if (event === undefined) return { loaded, event, facts, decision: nothing }
    const decision = online
      ? await decideAsking(loaded.rules, event, facts)
      : loaded.rules.evaluate(event, facts)
    return { loaded, event, facts, decision }
  }
  for (const recorded of events) {
    const sides = [await look(before, recorded), await look(after, recorded)] as const
    const compared = compare(sides)
    const [old, now] = [sides[0].decision, sides[1].decision]
    totals.events += 1
    if (compared.kind === 'unknown') for (const need of compared.needs) add(unknown, need)
    else {
      totals[compared.kind] += 1
      for (const rule of now.matched) if (!old.matched.includes(rule)) add(gained, rule)
      for (const rule of old.matched) if (!now.matched.includes(rule)) add(lost, rule)
    }
    if (compared.kind === 'different') onDifferent(recorded, compared.attributes)
  }
  return { ...totals, unknown, gained, lost }
}

const add = (counts: Map<string, number>, name: string): void => {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}

/** What one rules file makes of a recorded event. */
interface Side {
  readonly loaded: LoadedRules
  /** Undefined: it would be refused. */
  readonly event: ConversationEvent | undefined
  readonly facts: EventFacts
  readonly decision: Decision
}

const nothing: Decision = { changes: [], matched: [], undecided: [], needs: [], blocked: [] }

function compare(sides: readonly [before: Side, after: Side]): Compared {
  const [old, now] = [sides[0].decision, sides[1].decision]
  if (old.needs.length + now.needs.length > 0) {
    const waiting = sides.map(waitingRules)
    if (JSON.stringify(waiting[0]) !== JSON.stringify(waiting[1]))
      return { kind: 'unknown', needs: [...new Set([...old.needs, ...now.needs].map(needInWords))] }
  }
  const attributes = changedAttributes(old, now)
  return attributes.length === 0 ? { kind: 'same' } : { kind: 'different', attributes }
}

/** The definitions of the rules that cannot be decided yet, and of the tables they may read. */
function waitingRules({ loaded: { rules, document }, event, facts }: Side): readonly unknown[] {
  if (event === undefined) return []
  const waiting = new Set(
    rules.explain(event, facts).rules.flatMap(({ rule, result }) => (result === 'needs' ? [rule] : [])),
  )
  const definitions = document.rules.map(({ rule }) => rule).filter(({ name }) => waiting.has(name))
  return waiting.size === 0 ? [] : [definitions, [...document.lookups]]
}

const needInWords = (need: Decision['needs'][number]): string =>
  need.kind === 'lookup' ? `lookup ${need.table}` : 'the conversation, which Genesys Cloud tells'
