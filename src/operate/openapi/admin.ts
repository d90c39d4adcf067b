import { deadLetterQuery } from '../admin.ts'
import { ref } from './answers.ts'
import { eventExamples } from './event-examples.ts'
import type { Operation, Parameter, Paths } from './operation.ts'
import { anyProblem, problemResponses } from './problems.ts'
import { inlineSchema } from './schemas.ts'
import { asAdmin } from './security.ts'

const meanings: { readonly [Name in keyof typeof deadLetterQuery.shape]: string } = {
  code: 'Only those with this code.',
  limit: 'At most so many.',
  cursor: 'The `nextCursor` of the page before.',
}

const parameters = Object.entries(deadLetterQuery.shape).map(
  ([name, schema]): Parameter => ({
    name,
    in: 'query',
    description: meanings[name as keyof typeof meanings],
    schema: inlineSchema(schema),
  }),
)

type Admin = Pick<Operation, 'operationId' | 'summary' | 'description' | 'responses'> &
  Partial<Pick<Operation, 'parameters' | 'requestBody'>>

const admin = ({ responses, ...operation }: Admin): Operation => ({
  ...operation,
  tags: ['Admin'],
  security: asAdmin,
  responses: { ...responses, ...problemResponses('unauthorized', 'route_not_found'), ...anyProblem },
})

const ok = (description: string, schema: string) => ({
  200: { description, content: { 'application/json': { schema: ref(schema) } } },
})

export const adminPaths: Paths = {
  '/admin/status': {
    get: admin({
      operationId: 'getStatus',
      summary: 'What waits, and why',
      responses: ok('As it is now.', 'AdminStatus'),
    }),
  },
  '/admin/dead-letters': {
    get: admin({
      operationId: 'listDeadLetters',
      summary: 'Events that could not be delivered',
      parameters,
      responses: { ...ok('A page of them.', 'DeadLetterPage'), ...problemResponses('invalid_request') },
    }),
  },
  '/admin/rules/evaluate': {
    post: admin({
      operationId: 'evaluateRules',
      summary: 'What the rules would do with an event, and why',
      description:
        'Nothing is stored or sent. Lookups are really asked; Genesys Cloud is not: `participants` stand for what it would tell. Without them the body may be the event itself.',
      requestBody: {
        required: true,
        content: {
          'application/json': {
            schema: ref('EvaluationRequest'),
            examples: {
              canonical: {
                summary: 'A canonical event',
                value: { event: eventExamples.canonical?.value, participants: [] },
              },
            },
          },
        },
      },
      responses: {
        ...ok('What they would do. Values are shown.', 'Evaluation'),
        ...problemResponses(
          'invalid_request',
          'payload_too_large',
          'unsupported_media_type',
          'no_acceptable_event',
        ),
      },
    }),
  },
}
