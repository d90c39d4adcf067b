import type { ConversationParticipant } from '../../event.ts'
import type { Selector } from './request.ts'

/** The attribute that identifies a participant for programs that cannot set its `externalId`. */
const identifierAttribute = 'target_identifier'

/** The participants that match, in the order of the conversation. */
export function findParticipants(
  participants: readonly ConversationParticipant[],
  selector: Selector,
): readonly ConversationParticipant[] {
  if (selector.by === 'id') return participants.filter(({ id }) => id === selector.id)
  if (selector.by === 'purpose') return participants.filter(({ purpose }) => purpose === selector.purpose)
  const { externalId: wanted } = selector
  const byField = participants.filter(({ externalId }) => externalId === wanted)
  if (byField.length > 0) return byField
  return participants.filter(({ attributes }) => attributes?.[identifierAttribute] === wanted)
}

/** A participant as the command shows it. Without name, address and attributes, which are personal data. */
export interface ParticipantView {
  readonly id: string
  readonly purpose: string | null
  /** The participant has left the conversation. */
  readonly ended: boolean
}

export const viewOf = ({ id, purpose, endTime }: ConversationParticipant): ParticipantView => ({
  id,
  purpose: purpose ?? null,
  ended: endTime !== undefined,
})

/** `p1 (customer)`, `p2 (agent, ended)`. */
export const formatParticipant = ({ id, purpose, ended }: ParticipantView): string =>
  `${id} (${purpose ?? 'no purpose'}${ended ? ', ended' : ''})`
