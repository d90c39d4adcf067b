import type { RuleSet } from '../enrich/evaluate.ts'
import type { AppendResult, Inbox } from '../inbox/inbox.ts'
import type { Totals } from '../operate/totals.ts'
import type { ReadItem } from './envelopes/envelope.ts'
import { type Sorted, sort } from './sort.ts'

export interface IntakeDeps {
  readonly inbox: Inbox
  /** The rules of this moment: they may be replaced while the service runs. */
  readonly rules: () => RuleSet
  readonly totals: Totals
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
  /** What rules listen to is durable, and everything is counted in the totals. `identities`: of the events. */
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

/** Takes items in any envelope, in their order, whoever brings them. Never rejects. */
export type Intake = (items: readonly unknown[], delivery?: Delivery) => Promise<IntakeResult>

const nothingAppended: AppendResult = { kind: 'appended', results: [] }

export function createIntake({ inbox, rules, totals }: IntakeDeps): Intake {
  async function append({ events, ended }: Sorted): Promise<AppendResult> {
    const appended = events.length > 0 ? inbox.append(events) : nothingAppended
    const noted = ended.length > 0 ? inbox.noteEnded(ended) : undefined
    return (await Promise.all([appended, noted]))[0]
  }

  return async (items, { webhookId, read, maxEvents = Number.POSITIVE_INFINITY } = {}) => {
    let sorted: Sorted
    let result: AppendResult
    try {
      sorted = sort(items, { rules: rules(), webhookId, read })
      if (sorted.events.length > maxEvents) return { kind: 'too_many', events: sorted.events.length }
      result = await append(sorted)
    } catch (error) {
      return { kind: 'failed', error }
    }
    if (result.kind === 'full') return result
    const { events, ignored, rejected } = sorted
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
