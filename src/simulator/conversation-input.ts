import { z } from 'zod'
import { identifierPattern } from './identifier.ts'

const identifier = z.string().regex(identifierPattern, 'must be 1–128 characters of A-Za-z0-9_-')
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
