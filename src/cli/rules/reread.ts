import type { MapItem } from '../../enrich/mappings/map-item.ts'
import type { ConversationEvent } from '../../event.ts'
import { isObject } from '../../ingest/envelopes/envelope.ts'
import { readEnvelope } from '../../ingest/envelopes/envelopes.ts'
import { identify } from '../../ingest/identity.ts'

/**
 * A recorded event as it would be read by these mappings, from its original. Undefined: it would be refused. What only the
 * CloudEvent around it told, and is recorded, stays.
 */
export function rereadBy(
  mapItem: MapItem | undefined,
  recorded: ConversationEvent,
): ConversationEvent | undefined {
  const { body, identity, id, occurredAt, participantId } = recorded
  if (!isObject(body)) return recorded
  const result = readEnvelope(body, mapItem)
  const drafts = result.kind === 'events' ? result.drafts : []
  // A snapshot holds the other participants, too.
  const draft = drafts.length > 1 ? drafts.find((one) => one.participantId === participantId) : drafts[0]
  if (draft === undefined) return undefined
  const told = { ...(id !== undefined && { id }), ...(occurredAt !== undefined && { occurredAt }) }
  return { ...told, ...identify(draft, { index: 0 }), identity }
}
