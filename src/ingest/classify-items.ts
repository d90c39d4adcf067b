import type { NewEvent } from '../inbox/inbox.ts'
import type { RuleSet } from '../rules/evaluate.ts'
import { OpenedItem, readOpened } from './carriers/opened-item.ts'
import type { FieldProblem, ReadItem } from './envelopes/envelope.ts'
import { readEnvelope } from './envelopes/envelopes.ts'
import type { OddField } from './envelopes/odd-fields.ts'
import { identify, sha256 } from './identity.ts'

export interface ClassifiedEvent extends NewEvent {
  /** The participant in a snapshot, as sent. Undefined: the event is not from a snapshot. */
  readonly participantAsSent: unknown
}

export interface ClassifiedItems {
  /** Events that a rule listens to. */
  readonly events: readonly ClassifiedEvent[]
  /** Valid events that no rule listens to, and items that are not about a conversation. */
  readonly ignored: number
  /** Conversations that have ended, including those whose event no rule listens to. */
  readonly ended: readonly string[]
  /** Items, and participants of snapshots, that could not be read. */
  readonly rejected: readonly { readonly index: number; readonly problems: readonly FieldProblem[] }[]
  readonly odd: readonly OddField[]
}

/** Reads the items of one request, after `openCarriers`, and separates events, ignored and rejected items. Pure. */
export function classifyItems(
  items: readonly unknown[],
  {
    rules,
    webhookId,
    read = readEnvelope,
  }: { rules: RuleSet; webhookId: string | undefined; read?: ReadItem | undefined },
): ClassifiedItems {
  const events: ClassifiedEvent[] = []
  const rejected: { index: number; problems: readonly FieldProblem[] }[] = []
  const ended = new Set<string>()
  const odd: OddField[] = []
  let ignored = 0
  for (const [position, given] of items.entries()) {
    const carried = given instanceof OpenedItem ? given : undefined
    const index = carried?.index ?? position
    const result = (carried === undefined ? read : readOpened(carried, read))(given, rules.mapItem)
    if (result.kind === 'invalid') rejected.push({ index, problems: result.problems })
    else if (result.kind === 'ignored') {
      ignored += 1
      if (result.odd !== undefined) odd.push(...result.odd)
    } else {
      // Computed once for all events of a snapshot, and only if the body is their identity.
      let hash: string | undefined
      const bodyHash = () => {
        hash ??= sha256(result.content ?? carried?.item ?? given)
        return hash
      }
      for (const problem of result.rejected) rejected.push({ index, problems: [problem] })
      if (result.odd.length > 0) odd.push(...result.odd)
      for (const draft of result.drafts) {
        if (draft.conversationEnded) ended.add(draft.conversationId)
        if (rules.subscribes(draft)) {
          const event = identify(draft, {
            webhookId,
            messageId: carried?.messageId,
            index: position,
            bodyHash,
          })
          events.push({
            event,
            priority: rules.priorityOf(event),
            participantAsSent: draft.participantAsSent,
          })
        } else ignored += 1
      }
    }
  }
  return { events, ignored, ended: [...ended], rejected, odd }
}
