import swagger from '@fastify/swagger'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { version } from '../config/version.ts'
import { problemResponses } from './answer-schemas.ts'
import { createJsonSchemas } from './openapi/json-schemas.ts'
import { securitySchemes } from './openapi/security.ts'
import { openUi } from './openapi/ui.ts'

const info = {
  title: 'genesys-enricher',
  version,
  summary: 'Sets attributes on the participants of live Genesys Cloud conversations.',
  description:
    'Errors are problem documents (RFC 9457) with a stable `code`. Every GET route also supports HEAD. Names in capitals are settings of the service.',
  license: { name: 'MIT', identifier: 'MIT' },
}

const tags = [
  { name: 'Events', description: 'For senders.' },
  { name: 'Probes', description: 'For orchestrators and monitoring. No authentication.' },
  { name: 'Description', description: 'No authentication.' },
  {
    name: 'Admin',
    description: 'Requires ADMIN_TOKEN; without this setting, these paths answer 404 `route_not_found`.',
  },
]

const page = (operationId: string, summary: string, mediaType: string, schema: z.ZodType) => ({
  operationId,
  tags: ['Description'],
  summary,
  security: [],
  response: { 200: { description: summary, content: { [mediaType]: { schema } } }, ...problemResponses() },
})

const getOpenApi = page(
  'getOpenApi',
  'This description as OpenAPI 3.1',
  'application/json',
  z.looseObject({}),
)
const getDocs = page('getDocs', 'This description as an HTML page', 'text/html', z.string())

/**
 * GET and HEAD /openapi.json and /docs. They need no authentication, since they contain no settings. Register them before the
 * routes that they describe.
 */
export function registerOpenApi(server: FastifyInstance): void {
  const { ofRoute, components } = createJsonSchemas()
  let ui: Promise<FastifyInstance> | undefined
  server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info,
      servers: [{ url: '/', description: 'This service' }],
      tags,
      components: { securitySchemes },
    },
    hideUntagged: true,
    convertConstToEnum: false,
    transform: ({ schema, url }) => ({ schema: ofRoute(schema), url }),
  })
  server.register((description, _options, done) => {
    /** The plugin builds the document at the first call, which also fills `components`, and caches it. */
    const document = () => ({ ...server.swagger(), components: { schemas: components, securitySchemes } })
    const showPage = async (request: FastifyRequest, reply: FastifyReply) => {
      ui ??= openUi(document())
      const { routing } = await ui
      reply.hijack()
      routing(request.raw, reply.raw)
    }
    description.get('/openapi.json', { schema: getOpenApi }, async (_request, reply) =>
      reply.header('x-content-type-options', 'nosniff').send(document()),
    )
    description.get('/docs', { schema: getDocs }, showPage)
    description.get('/docs/*', showPage)
    done()
  })
}
