import { AsyncLocalStorage } from 'node:async_hooks'
import {
  type Attributes,
  defaultTextMapGetter,
  defaultTextMapSetter,
  type Link,
  type Span as OpenTelemetrySpan,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources'
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { version } from '../config/version.ts'
import type { TraceContext } from '../event.ts'
import { createExporters } from './exporters.ts'
import type { TracingDeps, TracingSettings } from './settings.ts'
import { type CallTrace, maxLinks, type Span, type SpanAttributes, type Tracer } from './tracer.ts'

const name = 'genesys-enricher'

const kinds = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
  internal: SpanKind.INTERNAL,
} as const

/**
 * The tracer on the OpenTelemetry SDK, which reads sampler, limits, batches and resource from `OTEL_*` variables. Parents are
 * passed explicitly and nothing is registered globally, so that a program that embeds the service keeps its own tracing.
 */
export function createOpenTelemetry(settings: TracingSettings, deps: TracingDeps): Tracer {
  const provider = new BasicTracerProvider({
    resource: defaultResource()
      .merge(resourceFromAttributes({ 'service.name': name, 'service.version': version }))
      .merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: createExporters(settings, deps).map((exporter) => new BatchSpanProcessor(exporter)),
  })
  const tracer = provider.getTracer(name, version)
  const callTraces = new AsyncLocalStorage<CallTrace>()
  let stopping: Promise<void> | undefined

  return {
    start: (spanName, { kind, parent, links = [], attributes = {}, startedAt }) => {
      const options = {
        kind: kinds[kind],
        links: links.slice(0, maxLinks).flatMap(linkTo),
        attributes: withoutUndefined(attributes),
        ...(startedAt !== undefined && { startTime: startedAt }),
      }
      return toSpan(tracer.startSpan(spanName, options, contextOf(parent)))
    },
    withCallTrace: (callTrace, run) => callTraces.run(callTrace, run),
    callTrace: () => callTraces.getStore(),
    stop: (withinMs) => {
      stopping ??= within(withinMs, provider.shutdown())
      return stopping
    },
  }
}

function toSpan(span: OpenTelemetrySpan): Span {
  return {
    context: headersOf(span),
    set: (attributes) => void span.setAttributes(withoutUndefined(attributes)),
    link: (context) => void span.addLinks(linkTo(context)),
    fail: (type) => void span.setAttribute('error.type', type).setStatus({ code: SpanStatusCode.ERROR }),
    end: () => span.end(),
  }
}

const propagator = new W3CTraceContextPropagator()

const contextOf = (headers: TraceContext | undefined) =>
  headers === undefined ? ROOT_CONTEXT : propagator.extract(ROOT_CONTEXT, headers, defaultTextMapGetter)

function headersOf(span: OpenTelemetrySpan): TraceContext {
  const headers = { traceparent: '' }
  propagator.inject(trace.setSpan(ROOT_CONTEXT, span), headers, defaultTextMapSetter)
  return headers
}

function linkTo(headers: TraceContext): Link[] {
  const context = trace.getSpanContext(contextOf(headers))
  return context === undefined ? [] : [{ context }]
}

function withoutUndefined(attributes: SpanAttributes): Attributes {
  const defined: Attributes = {}
  for (const [key, value] of Object.entries(attributes))
    if (value !== undefined) defined[key] = typeof value === 'object' ? [...value] : value
  return defined
}

/** Resolves when the work has ended, with or without success, or the time is over. */
async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const time = Promise.withResolvers<void>()
  const timer = setTimeout(time.resolve, ms)
  await Promise.race([work.catch(() => undefined), time.promise])
  clearTimeout(timer)
}
