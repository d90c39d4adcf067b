import { z } from 'zod'
import { eventTypes } from '../../event.ts'
import { attributeName, condition, mapOf, name, participantOf, scalar } from '../rules-file/schema-parts.ts'

const value = scalar('must be text, a number or a boolean; ${…} in it is CEL on body')
const field = value.optional()

const attributes = z
  .union([z.string(), z.record(attributeName, value)], {
    error: 'must be a map of attribute names to values, or ${…} that gives a map',
  })
  .optional()

const participantSchema = participantOf(field, attributes)

/** Where an item that is none of the known envelopes tells the fields of an event. */
export const mappingSchema = z.strictObject(
  {
    name,
    when: condition('must be a CEL condition on body that recognises the item, such as has(body.callId)'),
    type: scalar(`must be ${eventTypes.join(' or ')}, or \${…} that gives one of them`),
    topic: field,
    conversationId: scalar('must be ${…} that gives the id, such as ${body.conversationId}'),
    participantId: field,
    id: field,
    occurredAt: field,
    mediaType: field,
    direction: field,
    queueId: field,
    userId: field,
    attributes,
    participant: participantSchema.optional(),
  },
  mapOf('name, when, type and conversationId'),
)

export type MappingDefinition = z.infer<typeof mappingSchema>

export const mappingKeys = Object.keys(mappingSchema.shape)
export const mappedParticipantKeys = Object.keys(participantSchema.shape)
