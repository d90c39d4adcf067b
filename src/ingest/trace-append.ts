import type { TraceContext } from '../event.ts'
import type { Inbox } from '../inbox/inbox.ts'
import type { Tracer } from '../tracing/tracer.ts'

interface TraceAppendDeps {
  readonly tracer: Tracer
  readonly parent: TraceContext | undefined
}

/** Appends in a span, and stores its position with each event, so that the delivery of the event can continue the trace. */
export const traceAppend =
  (append: Inbox['append'], { tracer, parent }: TraceAppendDeps): Inbox['append'] =>
  async (events) => {
    const only = events.length === 1 ? events[0]?.event : undefined
    const span = tracer.start('append inbox', {
      kind: 'producer',
      parent,
      attributes: {
        'messaging.operation.name': 'append',
        'messaging.operation.type': 'send',
        'messaging.destination.name': 'inbox',
        'messaging.batch.message_count': events.length,
        'genesys.conversation.id': only?.conversationId,
        'genesys.participant.id': only?.participantId,
        'genesys_enricher.event.id': only?.identity,
      },
    })
    try {
      const traced = events.map(({ event, ...rest }) => ({
        ...rest,
        event: { ...event, trace: span.context },
      }))
      const result = await append(traced)
      if (result.kind === 'full') span.fail('inbox_full')
      else {
        const accepted = result.results.filter((state) => state === 'accepted').length
        span.set({
          'genesys_enricher.events.accepted': accepted,
          'genesys_enricher.events.duplicates': events.length - accepted,
        })
      }
      return result
    } catch (error) {
      span.fail('store_unavailable')
      throw error
    } finally {
      span.end()
    }
  }
