import { z } from 'zod'
import { Problem } from '../errors.ts'
import { type ConversationEvent, effectiveTime } from '../event.ts'
import { readParticipants } from '../genesys/participants.ts'
import type { EventsRead } from '../ingest/envelopes/envelope.ts'
import { readEnvelope } from '../ingest/envelopes/envelopes.ts'
import { readTellingMapping } from '../ingest/envelopes/mapped-by.ts'
import { identify, sha256 } from '../ingest/identity.ts'
import type { EventFacts } from '../rules/decision.ts'
import type { RuleSet } from '../rules/evaluate.ts'
import { whyTooDeep } from '../values/json.ts'

/** The envelopes read more than the OpenAPI document describes, so any value passes here. */
const anyEvent = z
  .unknown()
  .refine((event) => event !== undefined)
  .meta({ $ref: '#/components/schemas/Event' })

/** The event itself. A canonical one may say its type as `event`. */
const bareEvent = anyEvent
  .refine(
    (body) =>
      typeof body === 'object' &&
      body !== null &&
      ['type', 'conversationId', 'topicName', 'detail', 'specversion'].some((key) =>
        Object.hasOwn(body, key),
      ),
  )
  .transform((event) => ({ event, participants: undefined }))

export const evaluationRequest = z
  .union(
    [
      z.strictObject({
        event: anyEvent,
        participants: z
          .array(z.unknown())
          .optional()
          .describe('Who takes part, as `GET /api/v2/conversations/{id}` of Genesys Cloud answers it.'),
      }),
      bareEvent,
    ],
    'The body must be { "event": …, "participants"?: […] }, or the event',
  )
  .meta({ id: 'EvaluationRequest' })

/** A lookup can depend on what another one found, but not without end. */
const maxRounds = 5

/**
 * What the rules would do with an event, in any envelope the webhook takes; nothing is stored or sent. Lookups are asked,
 * Genesys Cloud is not: `participants` of the request stand for what it would tell.
 */
export async function evaluateEvent(
  { event, participants }: z.infer<typeof evaluationRequest>,
  rules: RuleSet,
  now: number,
): Promise<unknown> {
  const facts = { participants: readParticipants(participants), known: new Map() }
  const { events, mapping = null, oddFields, rejected } = read(event, rules)
  const results = await Promise.all(
    events.map(async (one) => {
      const own = { ...facts, at: effectiveTime(one, now) }
      await fetchLookups(one, rules, own)
      const { changes, matched, undecided, needs, blocked } = rules.evaluate(one, own)
      const { type, topic = null, conversationId, participantId = null } = one
      const subscribed = rules.subscribes(one)
      const trace = rules.explain(one, own)
      const asked = { needs: needs.map(({ kind }) => kind), blocked, trace }
      const told = { type, topic, conversationId, participantId, mapping, subscribed }
      return { ...told, changes, matched, undecided, ...asked }
    }),
  )
  return { version: rules.version, results, oddFields, rejected }
}

async function fetchLookups(event: ConversationEvent, rules: RuleSet, facts: EventFacts): Promise<void> {
  for (let round = 0; round < maxRounds; round += 1) {
    const needs = rules.evaluate(event, facts).needs.filter(({ kind }) => kind === 'lookup')
    if (needs.length === 0) return
    await rules.fetch(needs)
  }
}

interface Read extends Pick<EventsRead, 'rejected'> {
  readonly events: readonly ConversationEvent[]
  readonly mapping?: string | undefined
  readonly oddFields: EventsRead['odd']
}

/** Throws `Problem` for what is no event. What is no event of a conversation is none at all here. */
function read(item: unknown, { mapItem }: RuleSet): Read {
  const tooDeep = whyTooDeep(item)
  if (tooDeep !== undefined) throw new Problem('invalid_request', `The event is ${tooDeep}.`)
  const { result, mapping } = readTellingMapping(readEnvelope, item, mapItem)
  if (result.kind === 'foreign') return { events: [], oddFields: [], rejected: [] }
  if (result.kind === 'invalid')
    throw new Problem('no_acceptable_event', undefined, { errors: result.problems })
  const bodyHash = () => sha256(item)
  const identified = (draft: (typeof result.drafts)[number]) =>
    identify(draft, { webhookId: undefined, index: 0, bodyHash })
  return { events: result.drafts.map(identified), mapping, oddFields: result.odd, rejected: result.rejected }
}
