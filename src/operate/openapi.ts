import type { FastifyInstance } from 'fastify'
import { openApiDocument } from './openapi/document.ts'
import { docsPage } from './openapi/page/page.ts'

/** GET and HEAD /openapi.json and /docs: without authentication, since they say nothing of this installation. */
export function registerOpenApi(server: FastifyInstance): void {
  const description = openApiDocument()
  const json = JSON.stringify(description)
  const page = docsPage(description)
  server.get('/openapi.json', async (_request, reply) =>
    reply.headers({ 'x-content-type-options': 'nosniff' }).type('application/json; charset=utf-8').send(json),
  )
  server.get('/docs', async (_request, reply) =>
    reply
      .headers({
        'content-security-policy': page.contentSecurityPolicy,
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
      })
      .type('text/html; charset=utf-8')
      .send(page.body),
  )
}
