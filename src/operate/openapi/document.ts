import { version } from '../../config/version.ts'
import { adminPaths } from './admin.ts'
import type { OpenApiDocument } from './operation.ts'
import { descriptionPaths, probePaths } from './probes.ts'
import { componentSchemas } from './schemas.ts'
import { securitySchemes } from './security.ts'
import { webhookPaths } from './webhook.ts'

/** The whole HTTP interface, the same for every configuration: it holds no setting and no secret. */
export const openApiDocument = (): OpenApiDocument => ({
  openapi: '3.1.0',
  info: {
    title: 'genesys-enricher',
    version,
    summary: 'Puts facts on the participants of live Genesys Cloud conversations.',
    description:
      'Errors are problem documents (RFC 9457): decide by `code`. Each GET is answered for HEAD too, without a body. Names in capitals are settings of the service.',
    license: { name: 'MIT', identifier: 'MIT' },
  },
  servers: [{ url: '/', description: 'The service that this description is from' }],
  tags: [
    { name: 'Events', description: 'For senders.' },
    { name: 'Probes', description: 'For orchestrators and monitoring: without authentication, cheap.' },
    { name: 'Description', description: 'Without authentication.' },
    {
      name: 'Admin',
      description: 'Only where ADMIN_TOKEN is set; without it these paths answer 404 `route_not_found`.',
    },
  ],
  paths: { ...webhookPaths, ...probePaths, ...descriptionPaths, ...adminPaths },
  components: { schemas: componentSchemas(), securitySchemes },
})
