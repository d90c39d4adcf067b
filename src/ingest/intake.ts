import type { AppendResult, Inbox } from '../inbox/inbox.ts'
import type { Totals } from '../metrics/totals.ts'
import type { RuleSet } from '../rules/evaluate.ts'
import type { ReadItem } from './envelopes/envelope.ts'
import type { OddFieldLog } from './odd-field-log.ts'
import { createSnapshotMemory } from './snapshot-memory.ts'
import { type Sorted, sort } from './sort.ts'

export interface IntakeDeps {
  readonly inbox: Inbox
  /** The rules of this moment: they may be replaced while the service runs. */
  readonly rules: () => RuleSet
  readonly totals: Totals
  /** Absent: odd fields are neither counted nor logged. */
  readonly oddFields?: Pick<OddFieldLog, 'note'>
}

export interface Delivery {
  /** `webhook-id` of the request, if the sender uses Standard Webhooks. */
  readonly webhookId?: string | undefined
  /** How the items are read; as any envelope, by its shape, unless told. */
  readonly read?: ReadItem
  /** More events than this in the items together are refused. */
  readonly maxEvents?: number
}

export type IntakeResult =
  /**
   * What rules listen to is durable, and everything is counted in the totals. `duplicates`: known to the inbox, or in a
   * snapshot that says nothing new of the participant. `identities`: of the events.
   */
  | {
      readonly kind: 'taken'
      readonly accepted: number
      readonly duplicates: number
      readonly ignored: number
      readonly rejected: Sorted['rejected']
      readonly identities: readonly string[]
    }
  /** Nothing was stored or counted. */
  | { readonly kind: 'too_many'; readonly events: number }
  | { readonly kind: 'full'; readonly pending: number }
  | { readonly kind: 'failed'; readonly error: unknown }

/** Accepts items in any envelope and from any source, in their order. One for the whole process. Never rejects. */
export type Intake = (items: readonly unknown[], delivery?: Delivery) => Promise<IntakeResult>

const nothingAppended: AppendResult = { kind: 'appended', results: [] }

export function createIntake({ inbox, rules, totals, oddFields }: IntakeDeps): Intake {
  const snapshots = createSnapshotMemory()

  async function append(events: Sorted['events'], ended: Sorted['ended']): Promise<AppendResult> {
    const appended = events.length > 0 ? inbox.append(events) : nothingAppended
    return ended.length > 0 ? (await Promise.all([appended, inbox.noteEnded(ended)]))[0] : appended
  }

  return async (items, { webhookId, read, maxEvents = Number.POSITIVE_INFINITY } = {}) => {
    let sorted: Sorted
    let result: AppendResult
    try {
      const inForce = rules()
      sorted = sort(items, { rules: inForce, webhookId, read })
      if (sorted.events.length > maxEvents) return { kind: 'too_many', events: sorted.events.length }
      const { news, keep } = snapshots.compare(sorted.events, inForce)
      result = await append(news, sorted.ended)
      if (result.kind === 'full') return result
      keep(result.results)
    } catch (error) {
      return { kind: 'failed', error }
    }
    const { events, ignored, rejected, odd } = sorted
    if (odd.length > 0) oddFields?.note(odd)
    const accepted = result.results.filter((state) => state === 'accepted').length
    const duplicates = events.length - accepted
    totals.accepted += accepted
    totals.duplicates += duplicates
    totals.ignored += ignored
    totals.rejected += rejected.length
    const identities = events.map(({ event }) => event.identity)
    return { kind: 'taken', accepted, duplicates, ignored, rejected, identities }
  }
}
