import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'

/** The platform's limit on request bodies, as API users report it (unverified). */
export const maxBodyBytes = 512_000

/** An unparsed body: the simulator authenticates and counts a call before it parses the body. */
export type ReceivedBody = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'too-large' }

/**
 * Accepts bodies of any content type unparsed. A body over the limit is read to its end and dropped, so the
 * client gets a 413 and not a broken pipe.
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
