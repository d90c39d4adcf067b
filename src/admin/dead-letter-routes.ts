import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { Problem } from '../errors.ts'
import { count, jsonAnswer } from '../http/answer-schemas.ts'
import type { DeadLetterSelection, Inbox } from '../inbox/inbox.ts'
import type { RuleSet } from '../rules/evaluate.ts'
import { withoutUndefined } from '../values/without-undefined.ts'
import type { AuditEntry, AuditTrail } from './audit.ts'
import { readDeadLetterPage } from './dead-letter-page.ts'
import { detailsOf, findEvent } from './event-routes.ts'
import { deadLetterDetail, deadLetterPage } from './event-schemas.ts'
import { eventView, isoTime } from './event-views.ts'
import { deadLetterQuery, eventParameters, selection } from './query-schemas.ts'
import { common, problems } from './route-schemas.ts'
import { storedOrThrow } from './stored-or-throw.ts'

export interface DeadLetterRoutesDeps {
  readonly inbox: Pick<Inbox, 'event' | 'deadLetters' | 'replay' | 'drop'>
  readonly rules: () => RuleSet
  readonly audit: Pick<AuditTrail, 'record'>
}

const listDeadLetters = {
  ...common,
  operationId: 'listDeadLetters',
  summary: 'List dead letters',
  querystring: deadLetterQuery,
  response: { 200: jsonAnswer('A page of dead letters.', deadLetterPage), ...problems('invalid_request') },
}

const getDeadLetter = {
  ...common,
  operationId: 'getDeadLetter',
  summary: 'A dead letter',
  description: 'As `GET /admin/events/{id}`, but 404 if the event is not a dead letter.',
  params: eventParameters,
  response: { 200: jsonAnswer('The dead letter.', deadLetterDetail), ...problems('event_not_found') },
}

const changeProblems = problems(
  'invalid_request',
  'event_not_found',
  'payload_too_large',
  'unsupported_media_type',
  'store_unavailable',
)

const replayDeadLetters = {
  ...common,
  operationId: 'replayDeadLetters',
  summary: 'Deliver dead letters again',
  description:
    'They become pending, behind all live events, and are decided by the rules in force. `EVENT_MAX_AGE_MS` counts from the replay.',
  body: selection,
  response: {
    202: jsonAnswer('Number of dead letters that are pending again.', z.object({ replayed: count })),
    ...changeProblems,
  },
}

const dropDeadLetters = {
  ...common,
  operationId: 'dropDeadLetters',
  summary: 'Delete dead letters',
  description: 'They cannot be restored. An event that its sender repeats is accepted as new.',
  body: selection,
  response: {
    202: jsonAnswer('Number of deleted dead letters.', z.object({ dropped: count })),
    ...changeProblems,
  },
}

export function registerDeadLetterRoutes(server: FastifyInstance, deps: DeadLetterRoutesDeps): void {
  const { inbox, rules } = deps
  const routes = server.withTypeProvider<ZodTypeProvider>()

  routes.get('/admin/dead-letters', { schema: listDeadLetters }, ({ query: { cursor, ...query } }) =>
    readDeadLetterPage(inbox, {
      ...withoutUndefined(query),
      limit: query.limit,
      ...(cursor !== undefined && { after: cursor }),
    }),
  )

  routes.get('/admin/dead-letters/:id', { schema: getDeadLetter }, async ({ params: { id } }) => {
    const found = await findEvent(inbox, id)
    const { state, settledAt } = found.history
    if (state !== 'dead') throw new Problem('event_not_found', `The event is ${state}, not a dead letter.`)
    const letter = { ...eventView(found.history), diedAt: isoTime(settledAt) }
    return { ...letter, ...(await detailsOf(found, rules())) }
  })

  /** Writes the audit log line. */
  async function change(
    request: FastifyRequest,
    body: z.infer<typeof selection>,
    action: 'replay' | 'drop',
  ): Promise<number> {
    const selected = await toSelection(body, inbox)
    const changed = await storedOrThrow(request, inbox[action](selected))
    const message = action === 'replay' ? 'dead letters replayed' : 'dead letters dropped'
    deps.audit.record(request, 'info', message, { ...forLog(body), count: changed })
    if (changed === 0 && 'ids' in body)
      throw new Problem('event_not_found', 'None of the ids is that of a dead letter.')
    return changed
  }

  routes.post('/admin/dead-letters/replay', { schema: replayDeadLetters }, async (request, reply) =>
    reply.code(202).send({ replayed: await change(request, request.body, 'replay') }),
  )
  routes.post('/admin/dead-letters/drop', { schema: dropDeadLetters }, async (request, reply) =>
    reply.code(202).send({ dropped: await change(request, request.body, 'drop') }),
  )
}

function forLog(body: z.infer<typeof selection>): AuditEntry['fields'] {
  if ('ids' in body) return { ids: body.ids.length }
  if ('all' in body) return body
  const { since, ...fields } = body
  return withoutUndefined({ ...fields, ...(since !== undefined && { since: isoTime(since) }) })
}

/** Also accepts the ids that the senders gave to events. */
async function toSelection(
  body: z.infer<typeof selection>,
  inbox: Pick<Inbox, 'event'>,
): Promise<DeadLetterSelection> {
  if (!('ids' in body)) return withoutUndefined(body)
  const identities: string[] = []
  for (const id of body.ids) {
    const found = (await inbox.event(id)) ?? (await inbox.event(`id:${id}`))
    if (found !== undefined) identities.push(found.history.event.identity)
  }
  return { identities }
}
