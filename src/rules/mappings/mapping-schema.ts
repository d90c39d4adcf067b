import { z } from 'zod'
import { eventTypes } from '../../event.ts'
import { isObject } from '../../values/json.ts'
import { mapOf } from '../../values/messages.ts'
import { directions, mediaTypes } from '../../values/vocabulary.ts'
import { attributeName, condition, name, participantOf, scalar } from '../file/schema-parts.ts'

const value = scalar('must be text, a number or a boolean; ${…} in it is CEL on body')
const field = value.optional()

const attributes = z
  .union([z.string(), z.record(attributeName, value)], {
    error: 'must be a map of attribute names to values, or ${…} that gives a map',
  })
  .optional()

const participantSchema = participantOf(field, attributes)

const typeMessage = `must be ${eventTypes.join(' or ')}, or \${…} that gives one of them`
const conversationMessage = 'must be ${…} that gives the id, such as ${body.conversationId}'

/** The checks below run even if other fields are invalid, so that one mistake does not hide another. */
const isMap = ({ value }: { readonly value: unknown }): boolean => isObject(value)

/** The fields of the event that the mapping has. */
const eventFieldsOf = (mapping: unknown): readonly string[] =>
  isObject(mapping)
    ? Object.keys(mapping).filter((key) => key !== 'name' && key !== 'when' && key !== 'ignore')
    : []

/** A mapping gives the fields of an event, or says that the item is ignored. */
export const mappingSchema = z
  .strictObject(
    {
      name: name.describe('Unique. Identifies the mapping in messages about invalid items.'),
      when: condition('must be a CEL condition on body that recognises the item, such as has(body.callId)', [
        'has(body.callId)',
        'body.kind == "call"',
      ]).describe(
        'A CEL condition on body, the item as received. The first mapping whose condition is true is used.',
      ),
      ignore: z
        .literal(true, { error: 'must be true; leave it out for items that are events' })
        .describe('true: matching items are valid and ignored. Allows only name and when beside it.')
        .optional(),
      type: scalar(typeMessage)
        .meta({
          description: 'conversation:created or conversation:updated, or ${…} that gives one of them.',
          examples: ['conversation:created'],
        })
        .optional(),
      topic: field.meta({
        description: 'A topic that rules can listen to, in addition to the type.',
        examples: ['relay.survey'],
      }),
      conversationId: scalar(conversationMessage)
        .meta({
          description: 'The id of the conversation. Items without it are invalid.',
          examples: ['${body.conversationId}'],
        })
        .optional(),
      participantId: field.meta({
        description: 'The participant that gets the attributes, unless a rule has a target.',
        examples: ['${body.participantId}'],
      }),
      id: field.meta({
        description: 'The id of the event, to recognise duplicates.',
        examples: ['${body.eventId}'],
      }),
      occurredAt: field.meta({
        description: 'The time of the event: ISO 8601 text or epoch milliseconds.',
        examples: ['${body.time}', '${int(body.seconds) * 1000}'],
      }),
      mediaType: field.meta({ description: 'event.mediaType', offers: mediaTypes }),
      direction: field.meta({ description: 'event.direction', offers: directions }),
      queueId: field.describe('event.queueId'),
      userId: field.describe('event.userId'),
      attributes: attributes.meta({
        description: 'event.attributes: values by name, or ${…} that gives a map.',
        examples: [{ language: '${body.language}' }, '${body.data}'],
      }),
      participant: participantSchema
        .optional()
        .describe(
          'participant: purpose, address, ani, dnis, externalContactId, externalId, userId, queueId, attributes.',
        ),
    },
    mapOf('name, when, type and conversationId, or name, when and ignore'),
  )
  .refine(({ ignore, type }) => ignore === true || type !== undefined, {
    path: ['type'],
    error: typeMessage,
    when: isMap,
  })
  .refine(({ ignore, conversationId }) => ignore === true || conversationId !== undefined, {
    path: ['conversationId'],
    error: conversationMessage,
    when: isMap,
  })
  .refine((mapping) => mapping.ignore !== true || eventFieldsOf(mapping).length === 0, {
    path: ['ignore'],
    error: ({ input }) =>
      `excludes the fields of an event: remove ignore, or ${eventFieldsOf(input).join(', ')}`,
    when: isMap,
  })

export type MappingDefinition = z.infer<typeof mappingSchema>

export const mappingKeys = Object.keys(mappingSchema.shape)
export const mappedParticipantKeys = Object.keys(participantSchema.shape)
