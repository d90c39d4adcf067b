import swagger from '@fastify/swagger'
import Fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifySchema,
} from 'fastify'
import { z } from 'zod'
import { version } from '../config/version.ts'
import { Problem } from '../errors.ts'
import { problemResponses } from './answer-schemas.ts'

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

const tokens = 'A token from WEBHOOK_TOKENS.'
const signing = 'Standard Webhooks 1.0 (standardwebhooks.com), with a secret from WEBHOOK_SECRETS.'
const header = (name: string, description: string) =>
  ({ type: 'apiKey', in: 'header', name, description }) as const

/** The security schemes. Each route lists the ones that it accepts. */
const securitySchemes = {
  bearerToken: {
    type: 'http',
    scheme: 'bearer',
    description: `${tokens} Or a JWT of WEBHOOK_OIDC_ISSUER for WEBHOOK_OIDC_AUDIENCE.`,
  },
  apiKey: header('X-API-Key', tokens),
  firehoseAccessKey: header('X-Amz-Firehose-Access-Key', tokens),
  basicPassword: {
    type: 'http',
    scheme: 'basic',
    description: `${tokens} Send it as the password; any user name is accepted.`,
  },
  webhookId: header('webhook-id', `${signing} The id of the delivery.`),
  webhookTimestamp: header(
    'webhook-timestamp',
    `${signing} Seconds since 1970, at most 5 minutes from the service clock.`,
  ),
  webhookSignature: header(
    'webhook-signature',
    `${signing} \`v1,\` and the base64 HMAC-SHA256 of \`id.timestamp.body\`. Separate several signatures with spaces.`,
  ),
  hubSignature: header(
    'X-Hub-Signature-256',
    '`sha256=` and the HMAC-SHA256 of the raw body with a secret from WEBHOOK_SECRETS, in hex (GitHub) or base64 (Genesys Open Messaging).',
  ),
  adminToken: { type: 'http', scheme: 'bearer', description: 'ADMIN_TOKEN.' },
} as const

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

type Schema = z.core.JSONSchema.BaseSchema

/** Converts the zod schemas of routes to JSON Schema 2020-12. They describe the input, before defaults and conversions. */
function createJsonSchemas() {
  const components: Record<string, unknown> = {}

  function jsonSchemaOf(schema: z.ZodType): unknown {
    // Wrapped in an object, so that a named schema becomes a reference too.
    const { properties, $defs } = withReferences(
      z.toJSONSchema(z.object({ schema }), { io: 'input', override }),
    )
    Object.assign(components, $defs)
    const converted = properties?.schema
    if (typeof converted !== 'object' || converted.$ref === undefined) return converted
    const { $ref, ...siblings } = converted
    // @fastify/swagger drops every keyword next to a reference.
    return Object.keys(siblings).length === 0 ? { $ref } : { allOf: [{ $ref }], ...siblings }
  }

  /** Returns the value with each zod schema replaced by a JSON Schema. */
  function toJsonSchemas(value: unknown): unknown {
    if (value instanceof z.ZodType) return jsonSchemaOf(value)
    if (Array.isArray(value)) return value.map(toJsonSchemas)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, toJsonSchemas(each)]))
  }

  return {
    ofRoute: (schema: FastifySchema = {}): FastifySchema =>
      Object.fromEntries(Object.entries(schema).map(([name, part]) => [name, toJsonSchemas(part)])),
    /** The named schemas of all routes so far, by `id`. */
    components,
  }
}

/** Removes keywords that do not help readers: the pattern of a format, the largest JavaScript number. */
function override({ jsonSchema }: { readonly jsonSchema: Schema }): void {
  if (jsonSchema.format !== undefined) delete jsonSchema.pattern
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
  delete jsonSchema.propertyNames
}

/** Points the references to the `components` of the document. */
const withReferences = (schemas: Schema): Schema =>
  JSON.parse(JSON.stringify(schemas).replaceAll('"#/$defs/', '"#/components/schemas/'))

const uiHeaders = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

/**
 * Swagger UI at /docs. It has its own server, which never listens: loading it at start would cost 0.1 s, and a server that has
 * started accepts no more routes.
 */
async function openUi(document: Record<string, unknown>): Promise<FastifyInstance> {
  const ui = Fastify({ routerOptions: { ignoreTrailingSlash: true, ignoreDuplicateSlashes: true } })
  ui.addHook('onRequest', async (_request, reply) => {
    reply.headers(uiHeaders)
  })
  ui.setNotFoundHandler((_request, reply) =>
    reply
      .code(404)
      .type('application/problem+json')
      .send(JSON.stringify(new Problem('route_not_found').body())),
  )
  await ui.register(swagger)
  await ui.register(import('@fastify/swagger-ui'), {
    routePrefix: '/docs',
    transformSpecification: () => document,
    transformSpecificationClone: false,
    theme: { title: 'genesys-enricher' },
    uiConfig: { layout: 'BaseLayout', tryItOutEnabled: true },
  })
  await ui.ready()
  return ui
}
