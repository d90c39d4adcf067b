const tokens = 'A token from WEBHOOK_TOKENS.'
const signing = 'Standard Webhooks 1.0 (standardwebhooks.com), with a secret from WEBHOOK_SECRETS.'
const header = (name: string, description: string) =>
  ({ type: 'apiKey', in: 'header', name, description }) as const

/** The security schemes. Each route lists the ones that it accepts. */
export const securitySchemes = {
  bearerToken: { type: 'http', scheme: 'bearer', description: tokens },
  apiKey: header('X-API-Key', tokens),
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
