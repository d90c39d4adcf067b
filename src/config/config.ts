import { existsSync } from 'node:fs'
import { isRegion, regions } from '../genesys/regions.ts'
import type { TlsFiles } from '../http/tls.ts'
import { maxTopics } from '../notifications/topics.ts'
import { type Environment, type Given, readVariables, unknownNames, type Values } from './read-variables.ts'
import { splitList } from './schemas.ts'
import { secretWarnings } from './secret-warnings.ts'
import { type VariableName, variables } from './variables.ts'
import { tlsFiles, webhookConflicts, webhookWarnings } from './webhook.ts'

/** All settings of the service, validated and frozen. */
export interface Config {
  readonly genesys: {
    /** Origin (and path prefix, if any) of the platform API, without a trailing slash. */
    readonly apiUrl: string
    readonly loginUrl: string
    readonly clientId: string
    readonly clientSecret: string
    readonly profile: 'platform' | 'tutorial'
    readonly requestTimeoutMs: number
  }
  readonly http: {
    readonly host: string
    readonly port: number
    /** Trusted proxies, as a number or as addresses; undefined: `X-Forwarded-For` is ignored. */
    readonly trustProxy: number | readonly string[] | undefined
    /** Undefined: plain HTTP. */
    readonly tls: TlsFiles | undefined
  }
  readonly webhook: {
    readonly auth: 'required' | 'none'
    /** HMAC secrets, newest first. */
    readonly secrets: readonly string[]
    readonly tokens: readonly string[]
    /** Most refused credentials per client address and minute; 0: no limit. */
    readonly maxFailures: number
    /** Empty: all networks. */
    readonly allowedNetworks: readonly string[]
    readonly maxBodyBytes: number
    readonly maxBatch: number
  }
  /** Subscriptions on the notification websocket; none if both are empty. */
  readonly notifications: {
    /** Names or ids. */
    readonly queues: readonly string[]
    readonly topics: readonly string[]
  }
  readonly rulesFile: string
  readonly inbox: { readonly url: string; readonly maxPending: number; readonly retentionMs: number }
  readonly delivery: {
    readonly rateLimit: number
    readonly rateWindowMs: number
    readonly rateShare: number
    readonly maxInFlight: number
    readonly eventMaxAgeMs: number
  }
  /** Evaluates rules and records events, but sets no attributes. */
  readonly dryRun: boolean
  readonly adminToken: string | undefined
  readonly logLevel: string
  readonly shutdownGraceMs: number
  /** Valid but risky settings, for the log at start. */
  readonly warnings: readonly string[]
}

/** The settings of commands that call Genesys Cloud without the service. */
export interface ClientConfig extends Pick<Config, 'genesys' | 'warnings'> {
  readonly rate: Pick<Config['delivery'], 'rateLimit' | 'rateWindowMs'>
}

type Result<Settings> = { kind: 'ok'; config: Settings } | { kind: 'invalid'; problems: readonly string[] }

export type ConfigResult = Result<Config>
export type ClientConfigResult = Result<ClientConfig>

/** Loads `.env` from the working directory, if it exists. It does not override existing variables. */
export function loadEnvFile(): void {
  if (existsSync('.env')) process.loadEnvFile('.env')
}

/** Reads the environment and returns all problems together. Never throws or prints. */
export function readConfig(environment: Environment = process.env): ConfigResult {
  const { values, given, ...read } = readVariables(Object.keys(variables) as VariableName[], environment)
  const problems = [...read.problems, ...conflicts(given)]
  if (problems.length > 0 || values === undefined)
    return { kind: 'invalid', problems: [...problems, ...unknownNames(environment)] }
  return { kind: 'ok', config: assemble(values, warn(environment, given)) }
}

const clientVariables = [
  'GENESYS_ENV',
  'GENESYS_CLIENT_ID',
  'GENESYS_CLIENT_SECRET',
  'GENESYS_API_URL',
  'GENESYS_LOGIN_URL',
  'GENESYS_API_PROFILE',
  'REQUEST_TIMEOUT_MS',
  'RATE_LIMIT',
  'RATE_WINDOW_MS',
] as const satisfies readonly VariableName[]

/** Reads only the variables of the Genesys Cloud client, so other settings can be missing or invalid. Never throws or prints. */
export function readClientConfig(environment: Environment = process.env): ClientConfigResult {
  const { values, given, ...read } = readVariables(clientVariables, environment)
  const problems = [...read.problems, ...regionConflict(given)]
  const warnings = unknownNames(environment, ['GENESYS'])
  if (problems.length > 0 || values === undefined)
    return { kind: 'invalid', problems: [...problems, ...warnings] }
  const rate = { rateLimit: values.RATE_LIMIT, rateWindowMs: values.RATE_WINDOW_MS }
  return { kind: 'ok', config: Object.freeze({ genesys: genesysOf(values), rate, warnings }) }
}

/** Reads the paths of rules and inbox, for commands that need no other setting. */
export const readPaths = (environment: Environment = process.env): { rulesFile: string; store: string } => ({
  rulesFile: environment.RULES_FILE || variables.RULES_FILE.default,
  store: environment.STORE_URL || variables.STORE_URL.default,
})

/** Conflicts between variables. It checks the raw values, so it also reports conflicts beside invalid values. */
function conflicts(given: Given): string[] {
  const problems = regionConflict(given)
  const { ROLE: role } = given
  const withoutAuthentication = given.WEBHOOK_AUTH === 'none'
  const subscriptions = splitList(`${given.NOTIFICATIONS_QUEUES ?? ''},${given.NOTIFICATIONS_TOPICS ?? ''}`)
  if (
    !withoutAuthentication &&
    subscriptions.length === 0 &&
    given.WEBHOOK_SECRETS === undefined &&
    given.WEBHOOK_TOKENS === undefined
  ) {
    problems.push(
      'WEBHOOK_SECRETS or WEBHOOK_TOKENS is required, so that only your relay can post events. ' +
        'Set WEBHOOK_AUTH=none to accept events from anybody, or NOTIFICATIONS_QUEUES or NOTIFICATIONS_TOPICS to run without a relay',
    )
  }
  if (subscriptions.length > maxTopics) {
    problems.push(
      `NOTIFICATIONS_QUEUES and NOTIFICATIONS_TOPICS name ${subscriptions.length} topics, but one OAuth client can subscribe to at most ${maxTopics}`,
    )
  }
  problems.push(...webhookConflicts(given))
  if (role === 'ingest' || role === 'deliver') {
    problems.push(
      `ROLE=${role} needs a store for several nodes, which this version does not have: use ROLE=all`,
    )
  }
  return problems
}

function regionConflict(given: Given): string[] {
  const { GENESYS_ENV: domain, GENESYS_API_URL: apiUrl, GENESYS_LOGIN_URL: loginUrl } = given
  const urlsGiven = apiUrl !== undefined && loginUrl !== undefined
  if (domain === undefined || isRegion(domain) || urlsGiven) return []
  return [
    `GENESYS_ENV ${JSON.stringify(domain)} is an unknown region: use one of ${regions.join(', ')}; ` +
      'or set both GENESYS_API_URL and GENESYS_LOGIN_URL',
  ]
}

function warn(environment: Environment, given: Given): string[] {
  const warnings: string[] = []
  if (given.WEBHOOK_AUTH === 'none')
    warnings.push('WEBHOOK_AUTH=none: anyone who reaches this port can post events')
  if (given.DRY_RUN === 'true')
    warnings.push('DRY_RUN=true: the service records events as unchanged and sets no attributes')
  return [
    ...warnings,
    ...secretWarnings(given),
    ...webhookWarnings(environment),
    ...unknownNames(environment),
  ]
}

function genesysOf(values: Pick<Values, (typeof clientVariables)[number]>): Config['genesys'] {
  return {
    apiUrl: values.GENESYS_API_URL ?? `https://api.${values.GENESYS_ENV}`,
    loginUrl: values.GENESYS_LOGIN_URL ?? `https://login.${values.GENESYS_ENV}`,
    clientId: values.GENESYS_CLIENT_ID,
    clientSecret: values.GENESYS_CLIENT_SECRET,
    profile: values.GENESYS_API_PROFILE,
    requestTimeoutMs: values.REQUEST_TIMEOUT_MS,
  }
}

function assemble(values: Values, warnings: readonly string[]): Config {
  return Object.freeze({
    genesys: genesysOf(values),
    http: {
      host: values.HOST,
      port: values.PORT,
      trustProxy: values.TRUST_PROXY,
      tls: tlsFiles(values),
    },
    webhook: {
      auth: values.WEBHOOK_AUTH,
      secrets: values.WEBHOOK_SECRETS,
      tokens: values.WEBHOOK_TOKENS,
      maxFailures: values.WEBHOOK_MAX_FAILURES,
      allowedNetworks: values.WEBHOOK_ALLOWED_CIDRS,
      maxBodyBytes: values.MAX_BODY_BYTES,
      maxBatch: values.MAX_BATCH,
    },
    notifications: { queues: values.NOTIFICATIONS_QUEUES, topics: values.NOTIFICATIONS_TOPICS },
    rulesFile: values.RULES_FILE,
    inbox: {
      url: values.STORE_URL,
      maxPending: values.INBOX_MAX_PENDING,
      retentionMs: values.RETENTION_MS,
    },
    delivery: {
      rateLimit: values.RATE_LIMIT,
      rateWindowMs: values.RATE_WINDOW_MS,
      rateShare: values.RATE_SHARE,
      maxInFlight: values.MAX_IN_FLIGHT,
      eventMaxAgeMs: values.EVENT_MAX_AGE_MS,
    },
    dryRun: values.DRY_RUN === 'true',
    adminToken: values.ADMIN_TOKEN,
    logLevel: values.LOG_LEVEL,
    shutdownGraceMs: values.SHUTDOWN_GRACE_MS,
    warnings,
  })
}
