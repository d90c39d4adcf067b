import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import Fastify, { type FastifyInstance } from 'fastify'
import { Problem } from '../../errors.ts'

const headers = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

/**
 * Swagger UI at /docs. It has its own server, which never listens: loading it at start would cost 0.1 s, and a server that has
 * started accepts no more routes.
 */
export async function openUi(document: Record<string, unknown>): Promise<FastifyInstance> {
  const ui = Fastify({ routerOptions: { ignoreTrailingSlash: true, ignoreDuplicateSlashes: true } })
  ui.addHook('onRequest', async (_request, reply) => {
    reply.headers(headers)
  })
  ui.setNotFoundHandler((_request, reply) =>
    reply
      .code(404)
      .type('application/problem+json')
      .send(JSON.stringify(new Problem('route_not_found').body())),
  )
  await ui.register(swagger)
  await ui.register(swaggerUi, {
    routePrefix: '/docs',
    transformSpecification: () => document,
    transformSpecificationClone: false,
    theme: { title: 'genesys-enricher' },
    uiConfig: { layout: 'BaseLayout', tryItOutEnabled: true },
  })
  await ui.ready()
  return ui
}
