import type { MapItem } from '../../enrich/mappings/map-item.ts'
import type { ConversationEvent } from '../../event.ts'
import { isObject } from '../../ingest/envelopes/envelope.ts'
import { isGenesysEnvelope, readEnvelope } from '../../ingest/envelopes/envelopes.ts'
import { identify } from '../../ingest/identity.ts'

/**
 * A recorded event as it would be read by these mappings, from its original. Undefined: it would be refused. What only the
 * CloudEvent around it told, and is recorded, stays.
 */
export function rereadBy(
  mapItem: MapItem | undefined,
  recorded: ConversationEvent,
): ConversationEvent | undefined {
  const { body, identity, id, occurredAt } = recorded
  // What Genesys Cloud sends is never mapped, and a snapshot holds more than this event.
  if (!isObject(body) || isGenesysEnvelope(body)) return recorded
  const result = readEnvelope(body, mapItem)
  const [draft] = result.kind === 'events' ? result.drafts : []
  if (draft === undefined) return undefined
  const told = { ...(id !== undefined && { id }), ...(occurredAt !== undefined && { occurredAt }) }
  return { ...told, ...identify(draft, { index: 0 }), identity }
}
