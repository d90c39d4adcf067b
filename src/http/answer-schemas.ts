import { z } from 'zod'
import { type AnswerCode, type ErrorEntry, errorCatalogue, Problem } from '../errors.ts'

export const count = z.int().min(0)

/** A response in JSON. */
export const jsonAnswer = (description: string, schema: z.ZodType) => ({
  description,
  content: { 'application/json': { schema } },
})

export type Examples = Readonly<Record<string, { readonly summary: string; readonly value: unknown }>>

/** Adds examples to the schema of a body; @fastify/swagger moves them next to the schema. */
export const withExamples = <Schema extends z.ZodType>(schema: Schema, examples: Examples): Schema =>
  schema.meta({ 'x-examples': examples })

const answerCodes = Object.entries<ErrorEntry>(errorCatalogue).flatMap(([code, { status }]) =>
  status === undefined ? [] : [code as AnswerCode],
)

const problemDocument = z
  .object({
    type: z.string().describe('`urn:genesys-enricher:error:` and the code.'),
    title: z.string().describe('The title of the code.'),
    status: z.int().min(400).max(599).describe('The HTTP status.'),
    code: z
      .enum(answerCodes)
      .describe('The stable code. Use it in programs; titles and details are for people.'),
    detail: z.string().describe('The cause and the remedy.'),
    requestId: z
      .uuid()
      .optional()
      .describe('The `reqId` of the log lines of this request. Absent if the request could not be parsed.'),
    errors: z
      .array(
        z.object({
          index: count
            .optional()
            .describe('The position in the body, from 0, of the item or record that holds the event.'),
          path: z.string().describe('The field: `participant.attributes.tier`.'),
          message: z.string().describe('The expected value.'),
        }),
      )
      .optional()
      .describe('With `no_acceptable_event`: every invalid field.'),
  })
  .meta({ id: 'Problem', description: 'A problem document (RFC 9457).' })

const requestId = '3b77ec4f-2248-4116-96aa-f8976f16c5a5'

const headersOf: Readonly<Record<number, object>> = {
  401: { 'WWW-Authenticate': { description: 'The accepted scheme.', const: 'Bearer' } },
  429: {
    'Retry-After': {
      description: 'Seconds until the service checks credentials from this address again.',
      type: 'string',
      pattern: '^[1-9][0-9]*$',
    },
  },
  503: {
    'Retry-After': {
      description: 'Seconds to wait. Random, so that senders do not all retry at once.',
      type: 'string',
      pattern: '^([5-9]|1[0-5])$',
    },
  },
}

/** The problem responses of a route, by status, and `default` for those of every route. */
export const problemResponses = (...codes: readonly AnswerCode[]) => ({
  ...Object.fromEntries(
    [...Map.groupBy(codes, (code) => errorCatalogue[code].status)].map(([status, ofStatus]) => [
      status,
      {
        description: ofStatus.map((code) => `${errorCatalogue[code].title} (\`${code}\`).`).join(' '),
        ...(status in headersOf && { headers: headersOf[status] }),
        content: {
          'application/problem+json': {
            schema: { allOf: [problemDocument, { properties: { code: { enum: ofStatus } } }] },
            examples: Object.fromEntries(ofStatus.map((code) => [code, exampleOf(code)])),
          },
        },
      },
    ]),
  ),
  default: {
    description: 'Any other problem, such as `request_timeout` (408) or `internal_error` (500).',
    content: { 'application/problem+json': { schema: problemDocument } },
  },
})

const extras: { readonly [Code in AnswerCode]?: Readonly<Record<string, unknown>> } = {
  no_acceptable_event: { errors: [{ index: 0, path: 'conversationId', message: 'must be text' }] },
}

const exampleOf = (code: AnswerCode) => ({
  summary: errorCatalogue[code].title,
  value: { ...new Problem(code, undefined, extras[code]).body(), requestId },
})
