import {
  type ConversationView,
  type ParsedConversation,
  type ParticipantView,
  type StoredConversation,
  type StoredParticipant,
  viewConversation,
  viewParticipant,
} from './conversation.ts'

export type PatchResult =
  | { readonly kind: 'applied'; readonly participant: ParticipantView; readonly afterEnd: boolean }
  | { readonly kind: 'conversation-not-found' }
  | { readonly kind: 'participant-not-found' }

export interface Conversations {
  /** For the API. Undefined for an unknown conversation; unless `strict`, creates an empty one. */
  read(id: string): ConversationView | undefined
  /** For the controls. Never creates a conversation. */
  peek(id: string): ConversationView | undefined
  /**
   * Creates or updates a conversation: replaces the given fields, merges attributes, keeps other participants
   * unchanged.
   */
  upsert(input: ParsedConversation): ConversationView
  /**
   * Merges attributes into the existing ones; `""` is stored like any other value. As on the platform, no operation removes an
   * attribute, and the call also works after the conversation has ended (`afterEnd`).
   */
  patch(
    conversationId: string,
    participantId: string,
    attributes: Readonly<Record<string, string>>,
  ): PatchResult
  /** Ends a conversation and the participants that have not ended yet. Undefined if unknown. */
  end(id: string): ConversationView | undefined
}

export interface ConversationsOptions {
  /** True: unknown ids are not found. False: `read` and `patch` create conversations, `patch` also participants (purpose `customer`). */
  readonly strict: boolean
  readonly now: () => number
}

export function createConversations({ strict, now }: ConversationsOptions): Conversations {
  const conversations = new Map<string, StoredConversation>()
  const timestamp = () => new Date(now()).toISOString()

  function create(id: string): StoredConversation {
    const startTime = timestamp()
    const conversation = { id, startTime, endTime: undefined, participants: new Map(), fields: {} }
    conversations.set(id, conversation)
    return conversation
  }

  function addParticipant(conversation: StoredConversation, id: string, purpose: string): StoredParticipant {
    const startTime = timestamp()
    const participant = { id, purpose, startTime, endTime: undefined, attributes: new Map(), fields: {} }
    conversation.participants.set(id, participant)
    return participant
  }

  function findOrCreateUnlessStrict(id: string): StoredConversation | undefined {
    return conversations.get(id) ?? (strict ? undefined : create(id))
  }

  return {
    read(id) {
      const conversation = findOrCreateUnlessStrict(id)
      return conversation && viewConversation(conversation)
    },
    peek(id) {
      const conversation = conversations.get(id)
      return conversation && viewConversation(conversation)
    },
    upsert({ id, participants, startTime, endTime, ...fields }) {
      const conversation = conversations.get(id) ?? create(id)
      conversation.startTime = startTime ?? conversation.startTime
      conversation.endTime = endTime ?? conversation.endTime
      conversation.fields = { ...conversation.fields, ...fields }
      for (const input of participants) updateParticipant(conversation, input)
      return viewConversation(conversation)
    },
    patch(conversationId, participantId, attributes) {
      const conversation = findOrCreateUnlessStrict(conversationId)
      if (conversation === undefined) return { kind: 'conversation-not-found' }
      const known = conversation.participants.get(participantId)
      const participant =
        known ?? (strict ? undefined : addParticipant(conversation, participantId, 'customer'))
      if (participant === undefined) return { kind: 'participant-not-found' }
      mergeAttributes(participant, attributes)
      const afterEnd = conversation.endTime !== undefined
      return { kind: 'applied', participant: viewParticipant(participant), afterEnd }
    },
    end(id) {
      const conversation = conversations.get(id)
      if (conversation === undefined) return undefined
      const endTime = timestamp()
      conversation.endTime ??= endTime
      for (const participant of conversation.participants.values()) participant.endTime ??= endTime
      return viewConversation(conversation)
    },
  }

  function updateParticipant(
    conversation: StoredConversation,
    { id, purpose, attributes, startTime, endTime, ...fields }: ParsedConversation['participants'][number],
  ): void {
    const participant = conversation.participants.get(id) ?? addParticipant(conversation, id, purpose)
    participant.purpose = purpose
    participant.startTime = startTime ?? participant.startTime
    participant.endTime = endTime ?? participant.endTime
    participant.fields = { ...participant.fields, ...fields }
    mergeAttributes(participant, attributes)
  }
}

function mergeAttributes(participant: StoredParticipant, attributes: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(attributes)) participant.attributes.set(name, value)
}
