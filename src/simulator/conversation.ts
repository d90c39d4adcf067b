import { z } from 'zod'

/** An id of a conversation, participant or queue. Genesys uses UUIDs; readable ids suit examples and tests. */
export const identifier = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,128}$/, 'must be 1–128 characters of A-Za-z0-9_-')
const timestamp = z.iso.datetime({ offset: true })

const participantSchema = z.looseObject({
  id: identifier,
  purpose: z.string().min(1),
  attributes: z.record(z.string(), z.string()).default({}),
  startTime: timestamp.optional(),
  endTime: timestamp.optional(),
})

/**
 * A conversation to simulate. Conversation and participants also accept any other field of
 * the official model (`direction`, `externalContactId`, `calls`…) and the tutorial's `externalId`, and return
 * them unchanged.
 */
export const conversationInputSchema = z.looseObject({
  id: identifier,
  participants: z.array(participantSchema).default([]),
  startTime: timestamp.optional(),
  endTime: timestamp.optional(),
})

export type ConversationInput = z.input<typeof conversationInputSchema>
export type ParsedConversation = z.output<typeof conversationInputSchema>

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
