import type { Http, HttpRequest, HttpResult } from '../http/client.ts'
import type { Span, Tracer } from '../tracing/tracer.ts'
import { apiAnswerOf } from './classify.ts'

interface TraceCallsDeps {
  readonly tracer: Tracer
  /** Whether the calls carry `traceparent` and `tracestate`. */
  readonly sendTraceparent: boolean
}

/**
 * Records a span for each call that is made for events: attributes, conversations and the token that they need. Calls without
 * events, such as those of notification channels, get none.
 */
export const traceCalls =
  (http: Http, { tracer, sendTraceparent }: TraceCallsDeps): Http =>
  async (request) => {
    const callTrace = tracer.callTrace()
    if (callTrace === undefined) return http(request)
    const span = tracer.start(nameOf(request), {
      kind: 'client',
      parent: callTrace.parent,
      links: request.method === 'POST' ? [] : callTrace.links, // a new token serves later events too
      attributes: attributesOf(request),
    })
    const headers = sendTraceparent ? { ...request.headers, ...span.context } : request.headers
    const result = await http({ ...request, headers })
    noteResult(span, result)
    span.end()
    return result
  }

/** The path without ids, so that all calls of a kind have one name. */
const templateOf = (path: string): string =>
  path
    .replace(/\/conversations\/[^/]+/, '/conversations/{conversationId}')
    .replace(/\/participants\/[^/]+/, '/participants/{participantId}')

const nameOf = ({ method, url }: HttpRequest): string => `${method} ${templateOf(new URL(url).pathname)}`

function attributesOf({ method, url }: HttpRequest) {
  const { origin, pathname, hostname, port, protocol } = new URL(url)
  return {
    'http.request.method': method,
    'url.full': `${origin}${pathname}`,
    'url.template': templateOf(pathname),
    'server.address': hostname,
    'server.port': Number(port) || (protocol === 'https:' ? 443 : 80),
  }
}

function noteResult(span: Span, result: HttpResult): void {
  if (result.kind === 'failed') {
    span.fail(result.atProxy ? 'proxy' : result.detail)
    return
  }
  const { status, correlationId } = apiAnswerOf(result.answer)
  span.set({ 'http.response.status_code': status, 'genesys.correlation_id': correlationId })
  if (status >= 400) span.fail(String(status))
}
