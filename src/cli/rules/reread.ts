import type { MapItem } from '../../enrich/mappings/map-item.ts'
import type { ConversationEvent } from '../../event.ts'
import { readEnvelope } from '../../ingest/envelopes/envelopes.ts'
import { identify } from '../../ingest/identity.ts'

/**
 * A recorded event as these mappings would read its original. Undefined: it would be refused or ignored. `id` and
 * `occurredAt` of a CloudEvent around the original are recorded only in the event, so they are kept.
 */
export function rereadBy(
  mapItem: MapItem | undefined,
  recorded: ConversationEvent,
): ConversationEvent | undefined {
  const { body, identity, id, occurredAt, participantId } = recorded
  const result = readEnvelope(body, mapItem)
  const drafts = result.kind === 'events' ? result.drafts : []
  // A snapshot holds an event for each participant, and each is recorded by itself.
  const draft = drafts.length > 1 ? drafts.find((each) => each.participantId === participantId) : drafts[0]
  if (draft === undefined) return undefined
  const told = { ...(id !== undefined && { id }), ...(occurredAt !== undefined && { occurredAt }) }
  return { ...told, ...identify(draft, { index: 0 }), identity }
}
