import type { NewEvent } from '../inbox/inbox.ts'
import type { RuleSet } from '../rules/evaluate.ts'
import type { FieldProblem, ReadItem } from './envelopes/envelope.ts'
import { readEnvelope } from './envelopes/envelopes.ts'
import type { OddField } from './envelopes/odd-fields.ts'
import { identify, sha256 } from './identity.ts'

export interface SortedEvent extends NewEvent {
  /** What a snapshot says of the participant, as sent. Undefined: the event is of no snapshot. */
  readonly said: unknown
}

export interface Sorted {
  /** What rules listen to. */
  readonly events: readonly SortedEvent[]
  /** Valid, but no rule listens, or nothing this product is for. */
  readonly ignored: number
  /** Conversations that are over, whether or not a rule listens to the event that says so. */
  readonly ended: readonly string[]
  /** Items, and parts of items, that could not be read. */
  readonly rejected: readonly { readonly index: number; readonly problems: readonly FieldProblem[] }[]
  readonly odd: readonly OddField[]
}

/** Sorts the items of one request. Pure. */
export function sort(
  items: readonly unknown[],
  {
    rules,
    webhookId,
    read = readEnvelope,
  }: { rules: RuleSet; webhookId: string | undefined; read?: ReadItem | undefined },
): Sorted {
  const events: SortedEvent[] = []
  const rejected: { index: number; problems: readonly FieldProblem[] }[] = []
  const ended = new Set<string>()
  const odd: OddField[] = []
  let ignored = 0
  for (const [index, item] of items.entries()) {
    const result = read(item, rules.mapItem)
    if (result.kind === 'invalid') rejected.push({ index, problems: result.problems })
    else if (result.kind === 'foreign') {
      ignored += 1
      if (result.odd !== undefined) odd.push(...result.odd)
    } else {
      // Once for all events of a snapshot, and only where the body is what identifies them.
      let hash: string | undefined
      const bodyHash = () => {
        hash ??= sha256(result.content ?? item)
        return hash
      }
      for (const problem of result.rejected) rejected.push({ index, problems: [problem] })
      if (result.odd.length > 0) odd.push(...result.odd)
      for (const draft of result.drafts) {
        if (draft.conversationEnded) ended.add(draft.conversationId)
        if (rules.subscribes(draft)) {
          const event = identify(draft, { webhookId, index, bodyHash })
          events.push({ event, priority: rules.priorityOf(event), said: draft.said })
        } else ignored += 1
      }
    }
  }
  return { events, ignored, ended: [...ended], rejected, odd }
}
