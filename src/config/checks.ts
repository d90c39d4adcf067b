import { isRegion, regions } from '../genesys/regions.ts'
import { maxTopics } from '../notifications/topics.ts'
import { splitList } from './schemas.ts'
import { type Variable, variables } from './variables.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** Each of them lets a relay authenticate. */
const credentials = ['WEBHOOK_SECRETS', 'WEBHOOK_TOKENS', 'WEBHOOK_OIDC_ISSUER', 'SNS_TOPIC_ARNS'] as const

/** Conflicts between variables. It checks the raw values, so it also reports conflicts beside invalid values. */
export function conflicts(given: Environment): string[] {
  const problems = regionConflict(given)
  const { ROLE: role, TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile } = given
  const subscriptions = splitList(`${given.NOTIFICATIONS_QUEUES ?? ''},${given.NOTIFICATIONS_TOPICS ?? ''}`)
  const hasCredential = credentials.some((name) => given[name] !== undefined)
  const hasOwnSource = subscriptions.length > 0 || given.SQS_QUEUE_URL !== undefined
  if (role !== 'deliver' && given.WEBHOOK_AUTH !== 'none' && !hasOwnSource && !hasCredential) {
    problems.push(
      'WEBHOOK_SECRETS or WEBHOOK_TOKENS is required, so that only your relay can post events; or, for a relay that has keys of its own, WEBHOOK_OIDC_ISSUER or SNS_TOPIC_ARNS. ' +
        'Set WEBHOOK_AUTH=none to accept events from anybody, or NOTIFICATIONS_QUEUES, NOTIFICATIONS_TOPICS or SQS_QUEUE_URL to run without a relay',
    )
  }
  problems.push(...credentialConflicts(given))
  if (subscriptions.length > maxTopics) {
    problems.push(
      `NOTIFICATIONS_QUEUES and NOTIFICATIONS_TOPICS name ${subscriptions.length} topics, but one OAuth client can subscribe to at most ${maxTopics}`,
    )
  }
  if ((certFile === undefined) !== (keyFile === undefined)) {
    problems.push('TLS_CERT_FILE and TLS_KEY_FILE need each other: set both, or none for plain HTTP')
  } else if (given.TLS_CLIENT_CA_FILE !== undefined && certFile === undefined) {
    problems.push(
      'TLS_CLIENT_CA_FILE needs TLS_CERT_FILE and TLS_KEY_FILE: plain HTTP has no client certificates',
    )
  }
  if (!/^postgres/.test(given.STORE_URL ?? '')) {
    if (role === 'ingest' || role === 'deliver')
      problems.push(
        `ROLE=${role} needs PostgreSQL, because the other nodes use the same inbox: set STORE_URL to postgres://…, or use ROLE=all`,
      )
    if (given.STORE_REQUIRE_SYNC_STANDBY === 'true')
      problems.push('STORE_REQUIRE_SYNC_STANDBY=true needs PostgreSQL: set STORE_URL to postgres://…')
  }
  return problems
}

export function regionConflict(given: Environment): string[] {
  const { GENESYS_ENV: domain, GENESYS_API_URL: apiUrl, GENESYS_LOGIN_URL: loginUrl } = given
  const urlsGiven = apiUrl !== undefined && loginUrl !== undefined
  if (domain === undefined || isRegion(domain) || urlsGiven) return []
  return [
    `GENESYS_ENV ${JSON.stringify(domain)} is an unknown region: use one of ${regions.join(', ')}; ` +
      'or set both GENESYS_API_URL and GENESYS_LOGIN_URL',
  ]
}

function credentialConflicts(given: Environment): string[] {
  const problems: string[] = []
  const { WEBHOOK_OIDC_ISSUER: issuer, WEBHOOK_OIDC_AUDIENCE: audience } = given
  if (given.WEBHOOK_HMAC_HEADER !== undefined && given.WEBHOOK_SECRETS === undefined)
    problems.push('WEBHOOK_HMAC_HEADER needs WEBHOOK_SECRETS: set the secret with which the relay signs')
  if (issuer !== undefined && audience === undefined)
    problems.push(
      'WEBHOOK_OIDC_AUDIENCE is required with WEBHOOK_OIDC_ISSUER, because the issuer also signs tokens for other services: set it to the audience that your relay asks for',
    )
  for (const name of ['WEBHOOK_OIDC_AUDIENCE', 'WEBHOOK_OIDC_SUBJECTS'])
    if (given[name] !== undefined && issuer === undefined)
      problems.push(`WEBHOOK_OIDC_ISSUER is required with ${name}: set it to the issuer of the tokens`)
  return problems
}

/** Valid but risky values. */
export function riskyValues(given: Environment): string[] {
  const warnings: string[] = []
  if (given.WEBHOOK_AUTH === 'none')
    warnings.push('WEBHOOK_AUTH=none: anyone who reaches this port can post events')
  if (given.DRY_RUN === 'true')
    warnings.push('DRY_RUN=true: the service records events as unchanged and sets no attributes')
  if (
    given.WEBHOOK_OIDC_ISSUER === 'https://accounts.google.com' &&
    given.WEBHOOK_OIDC_SUBJECTS === undefined
  )
    warnings.push(
      'WEBHOOK_OIDC_SUBJECTS is not set: anyone with a Google Cloud account can get a token for your audience; set it to the service account of your subscription',
    )
  if (given.ROLE === 'ingest' && (given.NOTIFICATIONS_QUEUES ?? given.NOTIFICATIONS_TOPICS) !== undefined)
    warnings.push(
      'ROLE=ingest opens no notification websockets, which need the OAuth client: NOTIFICATIONS_* counts for the nodes that deliver',
    )
  if (given.ROLE === 'deliver' && given.SQS_QUEUE_URL !== undefined)
    warnings.push('ROLE=deliver reads no queue: SQS_QUEUE_URL counts for the nodes that take events')
  for (const name of ['WEBHOOK_SECRETS', 'WEBHOOK_TOKENS'])
    for (const [index, secret] of splitList(given[name] ?? '').entries())
      warnings.push(...riskOf(`${name} entry ${index + 1}`, secret))
  warnings.push(...riskOf('ADMIN_TOKEN', given.ADMIN_TOKEN ?? ''))
  if (/^\d+$/.test(given.TRUST_PROXY?.trim() ?? '')) {
    warnings.push(
      'TRUST_PROXY is a number: a client that bypasses the proxies can fake its address; list the addresses of the proxies instead',
    )
  }
  return warnings
}

/** Warns about a secret that looks like a placeholder or a quoting mistake. Never shows its value. */
function riskOf(subject: string, secret: string): string[] {
  if (/^["']|["']$/.test(secret))
    return [`${subject} begins or ends with a quotation mark, which counts as part of the value`]
  if (/^(<.*>|\$\{.*\}|\{\{.*\}\})$|^(change|replace)[-_ ]?me|^your[-_ ]/i.test(secret))
    return [
      `${subject} looks like a placeholder: replace it with a secret of your own, such as the output of "openssl rand -base64 32"`,
    ]
  return []
}

/** Warns about misspelled settings: unknown names with a prefix of ours. */
export function unknownNames(
  environment: Environment,
  prefix = /^(GENESYS|WEBHOOK|NOTIFICATIONS|OWNERSHIP|RATE|INBOX|SNS|SQS|STORE|TLS)_/,
): string[] {
  const warnings: string[] = []
  for (const name of Object.keys(environment)) {
    if (!prefix.test(name)) continue
    const fileOf: Variable | undefined = variables[name.replace(/_FILE$/, '') as keyof typeof variables]
    if (!(name in variables) && fileOf?.secret !== true && fileOf?.file !== true)
      warnings.push(`${name} is not a setting and has no effect`)
  }
  return warnings
}
