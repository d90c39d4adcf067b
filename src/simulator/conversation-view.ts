/** A participant as in `GET /api/v2/conversations/{id}`, with every field it was created with. */
export interface ParticipantView {
  readonly id: string
  readonly purpose: string
  /** ISO 8601. */
  readonly startTime: string
  readonly endTime?: string
  readonly attributes: Readonly<Record<string, string>>
  readonly [field: string]: unknown
}

/** A conversation as in `GET /api/v2/conversations/{id}`, with every field it was created with. */
export interface ConversationView {
  readonly id: string
  /** ISO 8601. */
  readonly startTime: string
  readonly endTime?: string
  readonly participants: readonly ParticipantView[]
  readonly selfUri: string
  readonly [field: string]: unknown
}

/** `fields` holds the input fields that have no property here. */
export interface StoredParticipant {
  readonly id: string
  purpose: string
  startTime: string
  endTime: string | undefined
  readonly attributes: Map<string, string>
  fields: Readonly<Record<string, unknown>>
}

export interface StoredConversation {
  readonly id: string
  startTime: string
  endTime: string | undefined
  readonly participants: Map<string, StoredParticipant>
  fields: Readonly<Record<string, unknown>>
}

/** The empty lists are those of a real conversation on the Genesys developer blog. */
export function viewParticipant(participant: StoredParticipant): ParticipantView {
  const { id, purpose, startTime, endTime, attributes, fields } = participant
  return {
    connectedTime: startTime,
    wrapupRequired: false,
    calls: [],
    callbacks: [],
    chats: [],
    cobrowsesessions: [],
    emails: [],
    messages: [],
    screenshares: [],
    socialExpressions: [],
    videos: [],
    ...fields,
    id,
    purpose,
    startTime,
    ...(endTime !== undefined && { endTime }),
    attributes: Object.fromEntries(attributes),
  }
}

export function viewConversation(conversation: StoredConversation): ConversationView {
  const { id, startTime, endTime, participants, fields } = conversation
  return {
    recordingState: 'NONE',
    divisions: [],
    ...fields,
    id,
    startTime,
    ...(endTime !== undefined && { endTime }),
    participants: [...participants.values()].map(viewParticipant),
    selfUri: `/api/v2/conversations/${id}`,
  }
}
