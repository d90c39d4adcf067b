import { z } from 'zod'
import { Problem } from '../errors.ts'
import { type ConversationEvent, effectiveTime } from '../event.ts'
import { readParticipants } from '../genesys/participants.ts'
import { openCarrier, openCarriers } from '../ingest/carriers/carriers.ts'
import { OpenedItem, readOpened } from '../ingest/carriers/opened-item.ts'
import type { EventsRead, FieldProblem } from '../ingest/envelopes/envelope.ts'
import { envelopeNameOf, readEnvelope, readWithMappingName } from '../ingest/envelopes/envelopes.ts'
import type { EnvelopeName } from '../ingest/envelopes/odd-fields.ts'
import { identify } from '../ingest/identity.ts'
import { decideWithLookups } from '../rules/decide-with-lookups.ts'
import type { RuleSet } from '../rules/evaluate.ts'
import { isObject, whyTooDeep } from '../values/json.ts'

/** Any value, because the envelopes accept more than the OpenAPI document describes. */
const anyEvent = z
  .unknown()
  .refine((event) => event !== undefined)
  .meta({ $ref: '#/components/schemas/Event' })

/** The event without a wrapper. Not detected by `event`, which a canonical event may use as alias of `type`. */
const bareEvent = anyEvent
  .refine(
    (body) =>
      typeof body === 'object' &&
      body !== null &&
      (['type', 'conversationId', 'topicName', 'detail', 'specversion'].some((key) =>
        Object.hasOwn(body, key),
      ) ||
        (isObject(body) && openCarrier(body) !== undefined)),
  )
  .transform((event) => ({ event, participants: undefined, rules: undefined }))

/** The text is compiled in the thread that answers senders, so it has a limit. */
const maxRulesCharacters = 200_000

export const evaluationRequest = z
  .union(
    [
      z.strictObject({
        event: anyEvent,
        participants: z
          .array(z.unknown())
          .optional()
          .describe(
            'The participants as in the response of `GET /api/v2/conversations/{id}` of Genesys Cloud.',
          ),
        rules: z
          .string('must be the text of a rules file')
          .max(maxRulesCharacters, `must have at most ${maxRulesCharacters} characters`)
          .optional()
          .describe(
            'The text of a rules file to evaluate instead of the rules in force. Its lookups read the tables of the rules in force that have the same name, and no others.',
          ),
      }),
      bareEvent,
    ],
    'The body must be { "event": …, "participants"?: […], "rules"?: "…" }, or the event',
  )
  .meta({ id: 'EvaluationRequest' })

/** Chains of lookups that a request may cause. */
export const maxRounds = 5

/**
 * Evaluates the rules for an event in any envelope. Stores and sends nothing. Calls HTTP lookups, but not Genesys Cloud:
 * the `participants` of the request replace its response.
 */
export async function evaluateEvent(
  { event, participants }: Pick<z.infer<typeof evaluationRequest>, 'event' | 'participants'>,
  rules: RuleSet,
  now: number,
): Promise<unknown> {
  const facts = { participants: readParticipants(participants), known: new Map() }
  const { events, envelope, mapping = null, oddFields, rejected } = read(event, rules)
  const results = await Promise.all(
    events.map(async (one) => {
      const own = { ...facts, at: effectiveTime(one, now) }
      const { changes, matched, undecided, needs, blocked } = await decideWithLookups(
        rules,
        one,
        own,
        maxRounds,
      )
      const { type, topic = null, conversationId, participantId = null } = one
      const subscribed = rules.subscribes(one)
      const trace = rules.explain(one, own)
      const explanation = { needs: needs.map(({ kind }) => kind), blocked, trace }
      const eventFields = { type, topic, conversationId, participantId, mapping, subscribed }
      return { ...eventFields, changes, matched, undecided, ...explanation }
    }),
  )
  return { version: rules.version, envelope, results, oddFields, rejected }
}

interface Read extends Pick<EventsRead, 'rejected'> {
  readonly events: readonly ConversationEvent[]
  /** That of the first event in the item. */
  readonly envelope: EnvelopeName
  readonly mapping?: string | undefined
  readonly oddFields: EventsRead['odd']
}

/**
 * Reads the event like the webhook, or the events of its carrier. Throws `Problem` if none is valid. Returns no events for an item that
 * is not about a conversation.
 */
function read(item: unknown, { mapItem }: RuleSet): Read {
  const tooDeep = whyTooDeep(item)
  if (tooDeep !== undefined) throw new Problem('invalid_request', `The event is ${tooDeep}.`)
  const { items } = openCarriers([item])
  const reads = items.map((one) =>
    one instanceof OpenedItem
      ? readWithMappingName(readOpened(one, readEnvelope), one.item, mapItem)
      : readWithMappingName(readEnvelope, one, mapItem),
  )
  const first = items[0] instanceof OpenedItem ? items[0].item : items[0]
  const problems: readonly FieldProblem[] = reads.flatMap(({ result }) =>
    result.kind === 'invalid' ? result.problems : [],
  )
  if (reads.every(({ result }) => result.kind === 'invalid'))
    throw new Problem('no_acceptable_event', undefined, { errors: problems })
  const found = reads.flatMap(({ result, mapping }) =>
    result.kind === 'events' ? [{ ...result, mapping }] : [],
  )
  return {
    events: found.flatMap(({ drafts }) => drafts.map((draft) => identify(draft, { index: 0 }))),
    envelope: envelopeNameOf(first, reads[0]?.mapping),
    mapping: found[0]?.mapping,
    oddFields: found.flatMap(({ odd }) => odd),
    rejected: [...problems, ...found.flatMap(({ rejected }) => rejected)],
  }
}
