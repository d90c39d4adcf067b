const tokens = 'One of WEBHOOK_TOKENS.'
const signing = 'Standard Webhooks 1.0 (standardwebhooks.com), with one of WEBHOOK_SECRETS.'
const header = (name: string, description: string) =>
  ({ type: 'apiKey', in: 'header', name, description }) as const

/** The ways in. Each route names those that it takes. */
export const securitySchemes = {
  bearerToken: { type: 'http', scheme: 'bearer', description: tokens },
  apiKey: header('X-API-Key', tokens),
  basicPassword: {
    type: 'http',
    scheme: 'basic',
    description: `${tokens} It is the password; any user name is accepted.`,
  },
  webhookId: header('webhook-id', `${signing} The id of the delivery.`),
  webhookTimestamp: header(
    'webhook-timestamp',
    `${signing} Seconds since 1970, at most 5 minutes off the clock of this service.`,
  ),
  webhookSignature: header(
    'webhook-signature',
    `${signing} \`v1,\` and the base64 of the HMAC-SHA256 of \`id.timestamp.body\`; several may stand there, separated by spaces.`,
  ),
  hubSignature: header(
    'X-Hub-Signature-256',
    '`sha256=` and the HMAC-SHA256 of the raw body with one of WEBHOOK_SECRETS, in hex as GitHub writes it or in base64 as Genesys Open Messaging does.',
  ),
  adminToken: { type: 'http', scheme: 'bearer', description: 'ADMIN_TOKEN.' },
} as const
