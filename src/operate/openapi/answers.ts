import { z } from 'zod'
import type { JsonSchema } from '../../enrich/rules-file/json-schema.ts'
import { type AnswerCode, type ErrorEntry, errorCatalogue } from '../../errors.ts'

export const count = z.int().min(0)

const answerCodes = Object.entries<ErrorEntry>(errorCatalogue).flatMap(([code, { status }]) =>
  status === undefined ? [] : [code as AnswerCode],
)

const problem = z
  .object({
    type: z.string().describe('`urn:genesys-enricher:error:` and the code.'),
    title: z.string().describe('The same words for each occurrence.'),
    status: z.int().min(400).max(599).describe('The HTTP status.'),
    code: z.enum(answerCodes).describe('Decide by this one: titles and details are for people.'),
    detail: z.string().describe('What is the matter this time, and what to do.'),
    requestId: z
      .uuid()
      .optional()
      .describe('The `reqId` of the log lines of this request. Absent where no request could be read.'),
    errors: z
      .array(
        z.object({
          index: count.optional().describe('The place of the event in the body, from 0.'),
          path: z.string().describe('The field: `participant.attributes.tier`.'),
          message: z.string().describe('What it must be.'),
        }),
      )
      .optional()
      .describe('With `no_acceptable_event`: all that is wrong.'),
  })
  .describe('A problem document (RFC 9457).')

const received = z
  .object({
    accepted: count.describe('Events that are on the disk now and will be delivered.'),
    duplicates: count.describe('Events that were taken before.'),
    ignored: count.describe('Events that no rule listens to, or that are not of a conversation.'),
    rejected: z
      .array(
        z.object({
          index: count.describe('The place of the event in the body, from 0.'),
          code: z.literal('invalid_event'),
          message: z.string().describe('The fields, and what they must be.'),
        }),
      )
      .describe('Events that are not acceptable. Sending them again will not help.'),
  })
  .describe('What became of each event. A snapshot counts as one event for each participant.')

const probe = z
  .object({
    status: z.enum(['ok', 'starting', 'unavailable']),
    reasons: z.array(z.string()).optional().describe('With `unavailable`: why, for people.'),
  })
  .describe('Whether all is well.')

/** Schemas of answers to senders and probes, by name. Answers are not checked at run time; a test holds real ones to them. */
export const answerSchemas = { Problem: problem, Received: received, Probe: probe } as const

export const ref = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` })
