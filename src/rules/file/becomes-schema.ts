import { z } from 'zod'
import { mapOf } from '../../values/map-of.ts'
import { timeOf } from '../../values/normal-forms.ts'
import { directions, mediaTypes } from '../../values/vocabulary.ts'
import { attributeName, participantOf, scalar } from './schema-parts.ts'

const field = scalar('must be text, a number or a boolean, or null for an absent field').nullable().optional()

const attributes = z
  .record(attributeName, field, { error: 'must be a map of attribute names to values' })
  .optional()

const timeMessage = 'must be an ISO 8601 time such as 2026-01-31T09:30:00Z, or epoch milliseconds'

const time = z
  .union([z.number(), z.string()], { error: timeMessage })
  .refine((value) => timeOf(value) !== undefined, timeMessage)
  .nullable()
  .optional()

/** The event that a test expects from an item. Fields that it does not name are not compared. */
export const becomesSchema = z.strictObject(
  {
    type: field,
    topic: field,
    id: field,
    conversationId: field,
    participantId: field,
    occurredAt: time,
    mediaType: field.meta({ offers: mediaTypes }),
    direction: field.meta({ offers: directions }),
    queueId: field,
    userId: field,
    attributes,
    participant: participantOf(field, attributes).optional(),
  },
  mapOf('fields of event such as type and conversationId'),
)

export const becomesKeys = Object.keys(becomesSchema.shape)
