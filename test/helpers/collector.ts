import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import type { Owner } from './folder.ts'
import { type ReceivedSpan, readJson, readProtobuf } from './otlp.ts'
import { until } from './wait.ts'

export interface Collector {
  readonly url: string
  /** All spans received so far. */
  readonly spans: readonly ReceivedSpan[]
  /** Content types and paths of the requests. */
  readonly requests: readonly string[]
  /** The bodies of all requests, as text. */
  text(): string
  /** Waits until that many spans of the name have arrived. */
  named(name: string, count?: number): Promise<readonly ReceivedSpan[]>
}

interface CollectorOptions {
  /** Default 200. */
  readonly status?: number
  /** The collector accepts connections but never answers. */
  readonly silent?: boolean
}

/** An OpenTelemetry collector that takes traces over HTTP, as JSON or protobuf. */
export async function startCollector(t: Owner, { status = 200, silent = false }: CollectorOptions = {}) {
  const spans: ReceivedSpan[] = []
  const requests: string[] = []
  const bodies: Buffer[] = []
  const server = createServer(async (request, response) => {
    const type = request.headers['content-type'] ?? ''
    requests.push(`${type} ${request.url}`)
    const body = await buffer(request)
    bodies.push(body)
    if (silent) return
    if (status === 200) spans.push(...(type.includes('json') ? readJson(body) : readProtobuf(body)))
    response.writeHead(status, { 'content-type': type }).end(type.includes('json') ? '{}' : '')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  const collector: Collector = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    requests,
    text: () => Buffer.concat(bodies).toString('latin1'),
    named: (name, count = 1) =>
      until(`${count} spans ${name}`, () => {
        const found = spans.filter((span) => span.name === name)
        return found.length >= count && found
      }),
  }
  return collector
}
