import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

/** The platform's limit on request bodies, as API users report it (unverified). */
const maxBodyBytes = 512_000

/** An unparsed body: the simulator authenticates and counts a call before it parses the body. */
export type ReceivedBody = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'too-large' }

/**
 * Accepts bodies of any content type unparsed. A body over the limit is read to its end and dropped, so the
 * client gets a 413 and not a broken pipe. Requests that Fastify refuses, such as those with a malformed content type,
 * go to `serveRefused`, which logs them like other calls.
 */
export function receiveBodiesUnparsed(
  scope: FastifyInstance,
  serveRefused: (request: FastifyRequest, reply: FastifyReply, status: number) => Promise<FastifyReply>,
): void {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser(
    '*',
    async (_request: FastifyRequest, payload: IncomingMessage): Promise<ReceivedBody> => {
      const chunks: Buffer[] = []
      let bytes = 0
      for await (const chunk of payload) {
        bytes += chunk.length
        if (bytes <= maxBodyBytes) chunks.push(chunk)
      }
      if (bytes > maxBodyBytes) return { kind: 'too-large' }
      return { kind: 'text', text: Buffer.concat(chunks).toString('utf8') }
    },
  )
  scope.setErrorHandler((error, request, reply) => {
    const status = clientErrorStatus(error)
    if (status === undefined) throw error
    return serveRefused(request, reply, status)
  })
}

/** Undefined: the text is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The 4xx status of a Fastify error; undefined if the client did not cause the error. */
export function clientErrorStatus(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('statusCode' in error)) return undefined
  const { statusCode } = error
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500 ? statusCode : undefined
}
