import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'

/** The platform's limit on request bodies, as users of the API report it (unverified; the stricter side). */
export const maxBodyBytes = 512_000

/**
 * A body as it came in, not yet understood: the simulator must authenticate and count a call before it
 * parses.
 */
export type ReceivedBody = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'too-large' }

/**
 * Makes a scope take bodies of any content type unparsed. What is over the limit is read to its end and
 * dropped, so that the client gets its 413 instead of a broken pipe.
 */
export function receiveBodiesUnparsed(scope: FastifyInstance): void {
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
}
