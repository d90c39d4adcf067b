import { type ChangedAttribute, changedAttributes } from '../../enrich/compare-decisions.ts'
import type { Decision, EventFacts } from '../../enrich/decision.ts'
import type { LoadedRules } from '../../enrich/enrich.ts'
import { effectiveTime } from '../../event.ts'
import type { RecordedEvent } from '../../inbox/sqlite/recorded.ts'
import { decideAsking } from './decide.ts'

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
  for (const recorded of events) {
    const { event, acceptedAt } = recorded
    const facts = { participants: undefined, known: new Map(), at: effectiveTime(event, acceptedAt) }
    const decide = ({ rules }: LoadedRules) =>
      online ? decideAsking(rules, event, facts) : rules.evaluate(event, facts)
    const [old, now] = [await decide(before), await decide(after)]
    const compared = compare({ before, after, recorded, facts, old, now })
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

interface Sides {
  readonly before: LoadedRules
  readonly after: LoadedRules
  readonly recorded: RecordedEvent
  readonly facts: EventFacts
  readonly old: Decision
  readonly now: Decision
}

function compare({ before, after, recorded: { event }, facts, old, now }: Sides): Compared {
  if (old.needs.length + now.needs.length > 0) {
    const waiting = [before, after].map((side) => waitingRules(side, event, facts))
    if (JSON.stringify(waiting[0]) !== JSON.stringify(waiting[1]))
      return { kind: 'unknown', needs: [...new Set([...old.needs, ...now.needs].map(needInWords))] }
  }
  const attributes = changedAttributes(old, now)
  return attributes.length === 0 ? { kind: 'same' } : { kind: 'different', attributes }
}

/** The definitions of the rules that cannot be decided yet, and of the tables they may read. */
function waitingRules(
  { rules, document }: LoadedRules,
  event: RecordedEvent['event'],
  facts: EventFacts,
): readonly unknown[] {
  const waiting = new Set(
    rules.explain(event, facts).rules.flatMap(({ rule, result }) => (result === 'needs' ? [rule] : [])),
  )
  const definitions = document.rules.map(({ rule }) => rule).filter(({ name }) => waiting.has(name))
  return waiting.size === 0 ? [] : [definitions, [...document.lookups]]
}

const needInWords = (need: Decision['needs'][number]): string =>
  need.kind === 'lookup' ? `lookup ${need.table}` : 'the conversation, which Genesys Cloud tells'
