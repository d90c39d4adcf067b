import type { ConversationEvent } from '../event.ts'
import type { Claim, PendingEvent, Settlement } from '../inbox/inbox.ts'
import type { Decision } from '../rules/decision.ts'
import type { CallTrace, Span, Tracer } from '../tracing/tracer.ts'
import { type Attempt, type AttemptDeps, attempt } from './attempt.ts'
import { attributeNamesOf } from './outcome-records.ts'

/** An event that the attempt works on. */
interface TracedEvent {
  readonly span: Span
  readonly decision: Decision
}

/**
 * Attempts a claim with a span for each of its events, in the trace that stored the event. A call is one span for all events
 * that it serves: a child of the first event's span, with links to all of them if there are several.
 */
export const traceAttempt =
  (tracer: Tracer): typeof attempt =>
  async (claim, deps) => {
    const events = new Map<ConversationEvent, TracedEvent>()
    const rules = deps.rules()
    const evaluate: typeof rules.evaluate = (event, facts) => {
      const span = startClaimSpan(tracer, event, claim)
      const evaluation = tracer.start('evaluate rules', { kind: 'internal', parent: span.context })
      const decision = rules.evaluate(event, facts)
      evaluation.set(attributesOf(decision))
      evaluation.end()
      events.set(event, { span, decision })
      return decision
    }
    const traced: AttemptDeps = {
      ...deps,
      rules: () => ({
        ...rules,
        evaluate,
        fetch: (needs) => {
          const fetching = tracer.start('fetch lookups', {
            kind: 'internal',
            ...parentAndLinks(waitingFor('lookup', events)),
          })
          return rules.fetch(needs).finally(fetching.end)
        },
      }),
      conversations: {
        ...deps.conversations,
        read: (id) => inTrace(tracer, waitingFor('conversation', events), () => deps.conversations.read(id)),
      },
      patchAttributes: (target, attributes) =>
        inTrace(tracer, setting(target.participantId, Object.keys(attributes), events), () =>
          deps.patchAttributes(target, attributes),
        ),
      settle: async (settled, settlement) => {
        const recorded = await deps.settle(settled, settlement)
        if (settled.lease === claim.lease)
          for (const pending of settled.events)
            endClaimSpan(events.get(pending.event), outcomeOf(pending, settlement, recorded))
        return recorded
      },
    }
    try {
      const result = await attempt(claim, traced)
      return endingSpans(result, events)
    } catch (error) {
      for (const { span } of events.values()) {
        span.fail('internal_error')
        span.end()
      }
      throw error
    }
  }

/** If the outcome is never recorded, the spans must end too. */
function endingSpans(result: Attempt, events: ReadonlyMap<ConversationEvent, TracedEvent>): Attempt {
  const settled = result.settled.finally(() => {
    for (const { span } of events.values()) span.end()
  })
  return { ...result, settled }
}

function startClaimSpan(tracer: Tracer, event: ConversationEvent, { failure }: Claim): Span {
  return tracer.start('claim inbox', {
    kind: 'consumer',
    parent: event.trace,
    attributes: {
      'messaging.operation.name': 'claim',
      'messaging.operation.type': 'process',
      'messaging.destination.name': 'inbox',
      'genesys.conversation.id': event.conversationId,
      'genesys.participant.id': event.participantId,
      'genesys_enricher.event.id': event.identity,
      'genesys_enricher.event.type': event.type,
      'genesys_enricher.event.topic': event.topic,
      'genesys_enricher.failed_attempts': failure?.attempts ?? 0,
    },
  })
}

const attributesOf = (decision: Decision) => ({
  'genesys_enricher.rules': decision.matched,
  'genesys_enricher.rules.undecided': decision.undecided.map(({ rule }) => rule),
  'genesys_enricher.attribute_names': attributeNamesOf([decision]),
})

type Result = { readonly outcome: string; readonly code: string | undefined }

function outcomeOf({ sequence }: PendingEvent, { outcomes, retry }: Settlement, recorded: boolean): Result {
  if (!recorded) return { outcome: 'pending', code: 'not_recorded' }
  const outcome = outcomes.find((one) => one.sequence === sequence)
  if (outcome !== undefined) return { outcome: outcome.state, code: outcome.code }
  return { outcome: 'pending', code: retry?.failure.code }
}

function endClaimSpan(event: TracedEvent | undefined, { outcome, code }: Result): void {
  if (event === undefined) return
  const { span, decision } = event
  span.set({
    ...attributesOf(decision),
    'genesys_enricher.outcome': outcome,
    'genesys_enricher.code': code,
  })
  if (code !== undefined && code !== 'participant_busy') span.fail(code)
  span.end()
}

type TracedEvents = ReadonlyMap<ConversationEvent, TracedEvent>

const waitingFor = (kind: Decision['needs'][number]['kind'], events: TracedEvents): readonly Span[] =>
  [...events.values()]
    .filter(({ decision }) => decision.needs.some((need) => need.kind === kind))
    .map(({ span }) => span)

/** The spans of the events that set one of these attributes on the participant: those that the PATCH carries. */
const setting = (participantId: string, names: readonly string[], events: TracedEvents): readonly Span[] =>
  [...events.values()]
    .filter(({ decision }) =>
      decision.changes.some(
        (change) => change.participantId === participantId && names.some((name) => name in change.attributes),
      ),
    )
    .map(({ span }) => span)

function parentAndLinks(spans: readonly Span[]): Partial<CallTrace> {
  const [first] = spans
  if (first === undefined) return {}
  return { parent: first.context, links: spans.length > 1 ? spans.map(({ context }) => context) : [] }
}

/** Runs a call for these events. The other traces get a link to the one with the call. */
function inTrace<Value>(tracer: Tracer, spans: readonly Span[], call: () => Promise<Value>): Promise<Value> {
  const { parent, links = [] } = parentAndLinks(spans)
  if (parent === undefined) return call()
  for (const other of spans.slice(1)) other.link(parent)
  return tracer.withCallTrace({ parent, links }, call)
}
