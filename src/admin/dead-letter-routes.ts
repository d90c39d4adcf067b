import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { Problem } from '../errors.ts'
import { count, jsonAnswer } from '../http/answer-schemas.ts'
import type { DeadLetterSelection, Inbox } from '../inbox/inbox.ts'
import type { RuleSet } from '../rules/evaluate.ts'
import { withoutUndefined } from '../values/without-undefined.ts'
import type { AuditEntry, AuditTrail } from './audit.ts'
import { detailsOf, findEvent } from './event-routes.ts'
import { deadLetterDetail, deadLetterPage } from './event-schemas.ts'
import { eventView, isoTime } from './event-views.ts'
import { findDeadLetters, readDeadLetterPage } from './find-dead-letters.ts'
import { deadLetterQuery, eventParameters, selection } from './query-schemas.ts'
import { common, problems } from './route-schemas.ts'
import { storedOrThrow } from './stored-or-throw.ts'

export interface DeadLetterRoutesDeps {
  readonly inbox: Pick<Inbox, 'events' | 'event' | 'deadLetters' | 'countDeadLetters' | 'replay' | 'drop'>
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

const skipped = z
  .array(z.string())
  .optional()
  .describe('The ids of the request that are not those of dead letters. Absent if there are none.')

const replayDeadLetters = {
  ...common,
  operationId: 'replayDeadLetters',
  summary: 'Deliver dead letters again',
  description:
    'They become pending, behind all live events, and are decided by the rules in force. `EVENT_MAX_AGE_MS` counts from the replay.',
  body: selection,
  response: {
    202: jsonAnswer('Number of dead letters that are pending again.', z.object({ replayed: count, skipped })),
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
    202: jsonAnswer('Number of deleted dead letters.', z.object({ dropped: count, skipped })),
    ...changeProblems,
  },
}

export function registerDeadLetterRoutes(server: FastifyInstance, deps: DeadLetterRoutesDeps): void {
  const { inbox, rules } = deps
  const routes = server.withTypeProvider<ZodTypeProvider>()

  routes.get('/admin/dead-letters', { schema: listDeadLetters }, async ({ query }) => {
    const { cursor, limit, counts, ...filter } = query
    const match = withoutUndefined(filter)
    const after = cursor === undefined ? {} : { after: cursor }
    const page = await readDeadLetterPage(inbox, { ...match, limit, ...after })
    return counts === 'true' ? { ...page, counts: await inbox.countDeadLetters(match) } : page
  })

  routes.get('/admin/dead-letters/:id', { schema: getDeadLetter }, async ({ params: { id } }) => {
    const found = await findEvent(inbox, id)
    const { state, settledAt } = found.history
    if (state !== 'dead') throw new Problem('event_not_found', `The event is ${state}, not a dead letter.`)
    const letter = { ...eventView(found.history), diedAt: isoTime(settledAt) }
    return { ...letter, ...(await detailsOf(found, { inbox, rules })) }
  })

  /** Writes the audit log line. */
  async function change(
    request: FastifyRequest,
    body: z.infer<typeof selection>,
    action: 'replay' | 'drop',
  ): Promise<{ readonly changed: number; readonly skipped?: readonly string[] }> {
    const { selected, skipped } = await toSelection(body, inbox)
    const changed = await storedOrThrow(request, inbox[action](selected))
    const message = action === 'replay' ? 'dead letters replayed' : 'dead letters dropped'
    deps.audit.record(request, 'info', message, { ...forLog(body), count: changed })
    if (changed === 0 && 'ids' in body)
      throw new Problem('event_not_found', 'None of the ids is that of a dead letter.')
    return { changed, ...(skipped.length > 0 && { skipped }) }
  }

  routes.post('/admin/dead-letters/replay', { schema: replayDeadLetters }, async (request, reply) => {
    const { changed, ...rest } = await change(request, request.body, 'replay')
    return reply.code(202).send({ replayed: changed, ...rest })
  })
  routes.post('/admin/dead-letters/drop', { schema: dropDeadLetters }, async (request, reply) => {
    const { changed, ...rest } = await change(request, request.body, 'drop')
    return reply.code(202).send({ dropped: changed, ...rest })
  })
}

function forLog(body: z.infer<typeof selection>): AuditEntry['fields'] {
  if ('ids' in body) return { requested: body.ids.length, ids: firstOf(body.ids) }
  if ('all' in body) return body
  const { since, ...fields } = body
  return withoutUndefined({ ...fields, ...(since !== undefined && { since: isoTime(since) }) })
}

/** Enough to find out later what was changed by hand, in a line that stays readable. */
const maxIdsInLog = 20

const firstOf = (ids: readonly string[]): string =>
  ids.slice(0, maxIdsInLog).join(', ') +
  (ids.length > maxIdsInLog ? ` and ${ids.length - maxIdsInLog} more` : '')

/** Also accepts the ids that the senders gave to events. `skipped`: ids that are not those of dead letters. */
async function toSelection(
  body: z.infer<typeof selection>,
  inbox: Pick<Inbox, 'event'>,
): Promise<{ readonly selected: DeadLetterSelection; readonly skipped: readonly string[] }> {
  if (!('ids' in body)) return { selected: withoutUndefined(body), skipped: [] }
  const { identities, skipped } = await findDeadLetters(inbox, body.ids)
  return { selected: { identities }, skipped }
}
