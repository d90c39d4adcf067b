import type { TraceContext } from '../event.ts'
import { type AppendResult, type Inbox, type NewEvent, seesAllEvents } from '../inbox/inbox.ts'
import { count, type Details, type Totals } from '../metrics/totals.ts'
import type { RuleSet } from '../rules/evaluate.ts'
import type { Tracer } from '../tracing/tracer.ts'
import { type OpenedCarriers, openCarriers } from './carriers/carriers.ts'
import { type ClassifiedItems, classifyItems } from './classify-items.ts'
import type { JsonObject, ReadItem } from './envelopes/envelope.ts'
import type { OddFieldLog } from './envelopes/odd-fields.ts'
import { createSnapshotMemory } from './snapshot-memory.ts'
import { traceAppend } from './trace-append.ts'

export interface IntakeDeps {
  readonly inbox: Inbox
  /** Returns the current rules. A reload may replace them. */
  readonly rules: () => RuleSet
  readonly totals: Totals
  /** Counts the messages of carriers. Absent: they are not counted. */
  readonly details?: Pick<Details, 'carriers'>
  /** The most bytes to which base64 and gzip in the items of one delivery may unpack. Default: 8 MiB. */
  readonly maxUnpackedBytes?: number
  /** Absent: odd fields are neither counted nor logged. */
  readonly oddFields?: Pick<OddFieldLog, 'note'>
  /** Absent: tracing is off. */
  readonly tracer?: Tracer | undefined
}

export interface Delivery {
  /** `webhook-id` of the request, if the sender uses Standard Webhooks; or the id of the SQS message. */
  readonly webhookId?: string | undefined
  /** Reads the items. Default: detects the envelope of each item. */
  readonly read?: ReadItem
  /** The most events that the items may contain together. */
  readonly maxEvents?: number
  /** Reserves memory for so many unpacked bytes. False: none left. Absent: only `maxUnpackedBytes` counts. */
  readonly hold?: (bytes: number) => boolean
  /** The span of the request. */
  readonly trace?: TraceContext | undefined
  /** Of the HTTP request, for log lines. */
  readonly requestId?: string
}

export type IntakeResult =
  /**
   * Every event with a listening rule is durable, and the totals count all items. `duplicates`: events that the inbox
   * already has, or snapshots without a change of the participant. `identities`: of all events. `deadLetters`: identities of
   * duplicates that are dead letters. `confirmations`: SNS messages that ask to confirm a subscription; they count as ignored.
   */
  | {
      readonly kind: 'stored'
      readonly accepted: number
      readonly duplicates: number
      readonly ignored: number
      readonly rejected: ClassifiedItems['rejected']
      readonly identities: readonly string[]
      readonly deadLetters?: readonly string[]
      readonly confirmations?: readonly JsonObject[]
    }
  /** Nothing was stored or counted. `orMore`: the service stopped counting. */
  | { readonly kind: 'too_many'; readonly events: number; readonly orMore?: true }
  /** Nothing was stored or counted: the messages unpack to more than `maxUnpackedBytes`, or `hold` refused. */
  | { readonly kind: 'too_large' }
  | Extract<AppendResult, { kind: 'full' }>
  | { readonly kind: 'failed'; readonly error: unknown }

/** Accepts items in any envelope, from HTTP, websocket or queue, in order. The process has one. The promise never rejects. */
export type Intake = (items: readonly unknown[], delivery?: Delivery) => Promise<IntakeResult>

const nothingAppended: AppendResult = { kind: 'appended', results: [] }

export function createIntake({
  inbox,
  rules,
  totals,
  details,
  maxUnpackedBytes,
  oddFields,
  tracer,
}: IntakeDeps): Intake {
  const snapshots = createSnapshotMemory()

  async function append(
    events: readonly NewEvent[],
    ended: readonly string[],
    parent: TraceContext | undefined,
  ): Promise<AppendResult> {
    const store = tracer === undefined ? inbox.append : traceAppend(inbox.append, { tracer, parent })
    const appended = events.length > 0 ? store(events) : nothingAppended
    return ended.length > 0 ? (await Promise.all([appended, inbox.noteEnded(ended)]))[0] : appended
  }

  return async (
    items,
    { webhookId, read, maxEvents = Number.POSITIVE_INFINITY, hold, trace, requestId } = {},
  ) => {
    let opened: OpenedCarriers
    let classified: ClassifiedItems
    let result: AppendResult
    try {
      opened = openCarriers(items, { maxItems: maxEvents, unpacked: { maxBytes: maxUnpackedBytes, hold } })
      if (opened.exceeds === 'unpacked_bytes') return { kind: 'too_large' }
      if (opened.exceeds === 'items') return { kind: 'too_many', events: opened.items.length, orMore: true }
      const currentRules = rules()
      classified = classifyItems(opened.items, { rules: currentRules, webhookId, read })
      if (classified.events.length > maxEvents) return { kind: 'too_many', events: classified.events.length }
      const seesAll = seesAllEvents(inbox.nodes?.list())
      if (!seesAll) snapshots.forget()
      const { changed, markStored } = snapshots.compare(classified.events, currentRules)
      result = await append(changed, classified.ended, trace)
      if (result.kind === 'full') return result
      // Otherwise another node may see the next one.
      if (seesAll) markStored(result.results)
    } catch (error) {
      return { kind: 'failed', error }
    }
    const { events, ignored, rejected, odd } = classified
    if (details !== undefined)
      for (const [name, messages] of opened.counts) count(details.carriers, name, messages)
    const accepted = result.results.filter((state) => state === 'accepted').length
    const duplicates = events.length - accepted
    totals.accepted += accepted
    totals.duplicates += duplicates
    totals.ignored += ignored
    totals.rejected += rejected.length
    const identities = events.map(({ event }) => event.identity)
    if (odd.length > 0) oddFields?.note(odd, { requestId, events: identities })
    const { deadLetters } = result
    return {
      ...{ kind: 'stored', accepted, duplicates, ignored, rejected, identities },
      ...(deadLetters !== undefined && { deadLetters }),
      ...(opened.confirmations.length > 0 && { confirmations: opened.confirmations }),
    }
  }
}
