import type { FastifyInstance } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import type { LastAttempts } from '../deliver/last-attempts.ts'
import { Problem } from '../errors.ts'
import { effectiveTime } from '../event.ts'
import { jsonAnswer } from '../http/answer-schemas.ts'
import type { EventHistory, Inbox } from '../inbox/inbox.ts'
import { decideWithLookups } from '../rules/decide-with-lookups.ts'
import type { RuleSet } from '../rules/evaluate.ts'
import { withoutUndefined } from '../values/without-undefined.ts'
import type { AdminStatus } from './admin-schemas.ts'
import { maxRounds } from './evaluate-event.ts'
import { eventDetail, eventPage } from './event-schemas.ts'
import { eventView, timelineOf } from './event-views.ts'
import { eventParameters, eventQuery } from './query-schemas.ts'
import { type Replacement, replacementsOf } from './replacements.ts'
import { common, problems } from './route-schemas.ts'

export interface EventRoutesDeps {
  readonly inbox: Pick<Inbox, 'events' | 'event'>
  readonly rules: () => RuleSet
  readonly lastAttempts: Pick<LastAttempts, 'complete'>
  readonly ages: AdminStatus['ages']
}

const listEvents = {
  ...common,
  operationId: 'listEvents',
  summary: 'List events',
  querystring: eventQuery,
  response: { 200: jsonAnswer('A page of events.', eventPage), ...problems('invalid_request') },
}

const getEvent = {
  ...common,
  operationId: 'getEvent',
  summary: 'The life of an event',
  description:
    'Also evaluates the event with the rules in force. That may call HTTP lookups, but not Genesys Cloud.',
  params: eventParameters,
  response: { 200: jsonAnswer('The event.', eventDetail), ...problems('event_not_found') },
}

export function registerEventRoutes(server: FastifyInstance, deps: EventRoutesDeps): void {
  const { inbox, rules, lastAttempts, ages } = deps
  const routes = server.withTypeProvider<ZodTypeProvider>()
  const view = (history: EventHistory) => eventView(lastAttempts.complete(history), ages.eventMaxAgeMs)
  routes.get('/admin/events', { schema: listEvents }, async ({ query: { cursor, ...query } }) => {
    const { items, next } = await inbox.events({
      ...withoutUndefined(query),
      limit: query.limit,
      ...(cursor !== undefined && { before: cursor }),
    })
    return { items: items.map(view), nextCursor: next ?? null }
  })
  routes.get('/admin/events/:id', { schema: getEvent }, async ({ params: { id } }) => {
    const found = await findEvent(inbox, id)
    return { ...view(found.history), ...(await detailsOf(found, { inbox, rules })) }
  })
}

type Found = NonNullable<Awaited<ReturnType<Inbox['event']>>>

/** Finds an event by its identity, else by the id that its sender gave it. */
export async function findEvent(inbox: Pick<Inbox, 'event'>, id: string): Promise<Found> {
  const found = (await inbox.event(id)) ?? (await inbox.event(`id:${id}`))
  if (found === undefined) throw new Problem('event_not_found', 'The inbox has no event with this id.')
  return found
}

interface Details {
  readonly timeline: readonly object[]
  readonly replacedBy: readonly Replacement[]
  readonly wouldNow: object
}

/** The timeline of an event, and the result of the rules in force. */
export async function detailsOf(
  { history, known }: Found,
  { inbox, rules: current }: Pick<EventRoutesDeps, 'inbox' | 'rules'>,
): Promise<Details> {
  const { event, acceptedAt } = history
  const rules = current()
  const facts = { participants: undefined, known, at: effectiveTime(event, acceptedAt) }
  await decideWithLookups(rules, event, facts, maxRounds) // fetches what the trace reads
  const wouldNow = { version: rules.version, trace: rules.explain(event, facts) }
  return { timeline: timelineOf(history), replacedBy: await replacementsOf(history, inbox), wouldNow }
}
