import type { FastifyReply, FastifyRequest } from 'fastify'
import type { TraceContext } from '../event.ts'
import type { Span, Tracer } from '../tracing/tracer.ts'
import { header } from './authenticate/credentials.ts'

/** Records a span for each webhook request. */
export interface RequestTraces {
  /** The request is authenticated: continues the sender's trace. Returns the span's position. */
  authenticated(request: FastifyRequest, reply: FastifyReply): TraceContext
  answered(request: FastifyRequest, reply: FastifyReply): void
}

interface RequestTracesDeps {
  readonly tracer: Tracer
  /** Epoch ms. */
  readonly now: () => number
}

/** Strangers must not write into the traces of others: a request without valid credentials begins a trace of its own. */
export function createRequestTraces({ tracer, now }: RequestTracesDeps): RequestTraces {
  const spans = new WeakMap<FastifyRequest, Span>()

  function start(request: FastifyRequest, reply: FastifyReply, parent?: TraceContext): Span {
    const route = request.routeOptions.url ?? '/'
    return tracer.start(`${request.method} ${route}`, {
      kind: 'server',
      parent,
      startedAt: Math.round(now() - reply.elapsedTime),
      attributes: {
        'http.request.method': request.method,
        'http.route': route,
        'url.path': route,
        'url.scheme': request.protocol,
        'genesys_enricher.request.id': request.id,
      },
    })
  }

  return {
    authenticated: (request, reply) => {
      const span = start(request, reply, traceContextOf(request))
      spans.set(request, span)
      return span.context
    },
    answered: (request, reply) => {
      const span = spans.get(request) ?? start(request, reply)
      span.set({ 'http.response.status_code': reply.statusCode })
      if (reply.statusCode >= 500) span.fail(String(reply.statusCode))
      span.end()
    },
  }
}

/** https://www.w3.org/TR/trace-context: without a valid traceparent, tracestate counts as absent. */
function traceContextOf({ headers }: FastifyRequest): TraceContext | undefined {
  const traceparent = header({ headers }, 'traceparent')
  const tracestate = header({ headers }, 'tracestate')
  if (traceparent === undefined) return undefined
  return tracestate === undefined ? { traceparent } : { traceparent, tracestate }
}
