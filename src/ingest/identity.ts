import { hash } from 'node:crypto'
import { z } from 'zod'
import type { ConversationEvent } from '../event.ts'
import { isUnfilledTemplate, lowerCaseUuid } from '../values/normal-forms.ts'
import { type DraftEvent, describeType, type FieldProblem } from './envelopes/envelope.ts'
import type { OddFields } from './envelopes/odd-fields.ts'

const entityIdForm = /^[A-Za-z0-9_-]{1,128}$/
const eventIdForm = /^[A-Za-z0-9_.:-]{1,128}$/

/** Conversation and participant ids become part of a URL. Not only UUIDs: simulators and the tutorial use other ids. */
export const entityId = z.string().regex(entityIdForm)

export const isEntityId = (value: unknown): value is string =>
  typeof value === 'string' && entityIdForm.test(value)

/** Hashes a long id or one with other characters, so it still identifies a redelivery. */
export const storableId = (given: string): string => (eventIdForm.test(given) ? given : sha256(given))

/** A storable id; one that must be hashed is odd, and a blank one also counts as absent. */
export function readEventId(given: string | undefined, odd: OddFields, path: string): string | undefined {
  if (given === undefined || eventIdForm.test(given)) return given
  odd.note(path, given)
  return given.trim() === '' ? undefined : storableId(given)
}

/**
 * Reads the id of a conversation or participant. Besides type and topic, only these fields can reject an event. If the id is
 * invalid, adds a problem, which names the type of the value but not the value, and returns undefined.
 */
export function readEntityId(value: unknown, path: string, problems: FieldProblem[]): string | undefined {
  if (isEntityId(value)) return lowerCaseUuid(value)
  problems.push({ path, message: entityIdMessage(value) })
  return undefined
}

function entityIdMessage(value: unknown): string {
  if (isUnfilledTemplate(value))
    return 'is a template that was not filled in: check the name of the variable where the relay builds the event'
  const form = 'must be 1 to 128 characters of A-Z a-z 0-9 _ -'
  if (typeof value !== 'string' || value === '') return `${form}, but ${describeType(value)}`
  return `${form}, but has ${value.length > 128 ? `${value.length} characters` : 'other characters'}`
}

export interface Delivery {
  /** `webhook-id` of the request, if the sender uses Standard Webhooks. */
  readonly webhookId?: string | undefined
  /** Id of the message in which a carrier brought the item. */
  readonly messageId?: string | undefined
  /** Index of the item in the request. */
  readonly index: number
  /** Returns the hash of the whole item, computed once for all its events. */
  readonly bodyHash?: () => string
}

/**
 * Adds the identity that detects duplicates. It is the first of these that is present: the id of the event or its envelope;
 * topic, conversation, participant, session and time together; the id of the message of the carrier; the id of the delivery; a
 * hash of the body.
 */
export function identify(draft: DraftEvent, delivery: Delivery): ConversationEvent {
  const { envelopeId, sessionId, identityPart, participantAsSent, conversationEnded, ...event } = draft
  return Object.assign(event, { identity: identityOf(draft, delivery) })
}

function identityOf(draft: DraftEvent, delivery: Delivery): string {
  const part = draft.identityPart === undefined ? '' : `#${draft.identityPart}`
  if (draft.envelopeId !== undefined) return `id:${draft.envelopeId}${part}`
  const { topic, conversationId, participantId, sessionId, occurredAt } = draft
  const facts = [topic, conversationId, participantId, sessionId, occurredAt]
  if (!facts.includes(undefined)) return `event:${sha256(facts)}`
  if (delivery.messageId !== undefined) return `message:${delivery.messageId}${part}`
  if (delivery.webhookId !== undefined)
    return `delivery:${sha256([delivery.webhookId, delivery.index])}${part}`
  return `body:${delivery.bodyHash?.() ?? sha256(draft.body)}${part}`
}

export const sha256 = (value: unknown): string => hash('sha256', JSON.stringify(value), 'base64url')
