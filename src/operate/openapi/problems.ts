import { type AnswerCode, errorCatalogue, Problem } from '../../errors.ts'
import { ref } from './answers.ts'
import type { Example, Header, Response, Responses } from './operation.ts'

const requestId = '3b77ec4f-2248-4116-96aa-f8976f16c5a5'

const text = { type: 'string' }
const headersOf: Readonly<Record<number, Readonly<Record<string, Header>>>> = {
  401: {
    'WWW-Authenticate': { description: 'What may be shown.', required: true, schema: { const: 'Bearer' } },
  },
  429: {
    'Retry-After': {
      description: 'Seconds until bad credentials are answered one by one again.',
      required: true,
      schema: { type: 'string', pattern: '^[1-9][0-9]*$' },
    },
  },
  503: {
    'Retry-After': {
      description: 'Seconds to wait, spread so that senders do not all come back at once.',
      required: true,
      schema: { type: 'string', pattern: '^([5-9]|1[0-5])$' },
    },
  },
}

/** The problems that a route may answer with, by status; several codes may share one. */
export function problemResponses(...codes: readonly AnswerCode[]): Responses {
  const byStatus = Map.groupBy(codes, (code) => errorCatalogue[code].status)
  return Object.fromEntries(
    [...byStatus].map(([status, ofStatus]): [string, Response] => [
      String(status),
      {
        description: ofStatus.map((code) => `${errorCatalogue[code].title} (\`${code}\`).`).join(' '),
        ...(status in headersOf && { headers: headersOf[status] ?? {} }),
        content: {
          'application/problem+json': {
            schema: { allOf: [ref('Problem'), { properties: { code: { enum: ofStatus } } }] },
            examples: Object.fromEntries(ofStatus.map((code) => [code, exampleOf(code)])),
          },
        },
      },
    ]),
  )
}

const extras: { readonly [Code in AnswerCode]?: Readonly<Record<string, unknown>> } = {
  no_acceptable_event: { errors: [{ index: 0, path: 'conversationId', message: 'must be text' }] },
}

const exampleOf = (code: AnswerCode): Example => ({
  summary: errorCatalogue[code].title,
  value: { ...new Problem(code, undefined, extras[code]).body(), requestId },
})

/** What any route may answer: no request that can be read, or a fault of this service. */
export const anyProblem: Responses = {
  default: {
    description: 'Anything else, such as `request_timeout` (408) or `internal_error` (500).',
    content: { 'application/problem+json': { schema: ref('Problem') } },
  },
}

export const textHeader = (description: string): Header => ({ description, required: true, schema: text })
