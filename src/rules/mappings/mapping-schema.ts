import { z } from 'zod'
import { eventTypes } from '../../event.ts'
import { mapOf } from '../../values/map-of.ts'
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

/** These checks run beside other mistakes too, so that one mistake hides no other. */
const isMap = ({ value }: { readonly value: unknown }): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The fields of an event, as far as they are there. */
const besideIgnore = (mapping: unknown): readonly string[] =>
  typeof mapping === 'object' && mapping !== null
    ? Object.keys(mapping).filter((key) => key !== 'name' && key !== 'when' && key !== 'ignore')
    : []

/** How an item is read: where it has the fields of an event, or that it is ignored. */
export const mappingSchema = z
  .strictObject(
    {
      name: name.describe('Used once. Identifies the mapping in messages about items that cannot be read.'),
      when: condition('must be a CEL condition on body that recognises the item, such as has(body.callId)', [
        'has(body.callId)',
        'body.kind == "call"',
      ]).describe('A condition in CEL on body, the item as it came, that recognises it.'),
      ignore: z
        .literal(true, { error: 'must be true; leave it out for items that are events' })
        .describe('true: items that fit are valid and ignored. Only name and when can stand beside it.')
        .optional(),
      type: scalar(typeMessage)
        .meta({
          description: 'conversation:created or conversation:updated, or ${…} that gives one of them.',
          examples: ['conversation:created'],
        })
        .optional(),
      topic: field.meta({
        description: 'A topic that rules can listen to, beside the type.',
        examples: ['relay.survey'],
      }),
      conversationId: scalar(conversationMessage)
        .meta({ description: 'Needed in each item.', examples: ['${body.conversationId}'] })
        .optional(),
      participantId: field.meta({
        description: 'The participant that attributes go on, unless a rule has a target.',
        examples: ['${body.participantId}'],
      }),
      id: field.meta({
        description: 'Of the event: identifies it when it is sent again.',
        examples: ['${body.eventId}'],
      }),
      occurredAt: field.meta({
        description: 'When it happened: ISO 8601 text or epoch milliseconds.',
        examples: ['${body.time}', '${int(body.seconds) * 1000}'],
      }),
      mediaType: field.meta({ description: 'event.mediaType', offers: mediaTypes }),
      direction: field.meta({ description: 'event.direction', offers: directions }),
      queueId: field.describe('event.queueId'),
      userId: field.describe('event.userId'),
      attributes: attributes.meta({
        description: 'event.attributes: each with its value, or ${…} that gives a map.',
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
  .refine((mapping) => mapping.ignore !== true || besideIgnore(mapping).length === 0, {
    path: ['ignore'],
    error: ({ input }) =>
      `leaves no event that could have fields: remove ignore, or ${besideIgnore(input).join(', ')}`,
    when: isMap,
  })

export type MappingDefinition = z.infer<typeof mappingSchema>

export const mappingKeys = Object.keys(mappingSchema.shape)
export const mappedParticipantKeys = Object.keys(participantSchema.shape)
