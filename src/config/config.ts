import { existsSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import { isRegion, regions } from '../genesys/regions.ts'
import type { TlsFiles } from '../http/tls.ts'
import { maxTopics } from '../notifications/topics.ts'
import { splitList } from './schemas.ts'
import { secretWarnings } from './secret-warnings.ts'
import { type Variable, variables } from './variables.ts'
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

export type ConfigResult = { kind: 'ok'; config: Config } | { kind: 'invalid'; problems: readonly string[] }

type Environment = Readonly<Record<string, string | undefined>>

/** Loads `.env` from the working directory, if it exists. It does not override existing variables. */
export function loadEnvFile(): void {
  if (existsSync('.env')) process.loadEnvFile('.env')
}

/** Reads the environment and returns all problems together. Never throws or prints. */
export function readConfig(environment: Environment = process.env): ConfigResult {
  const problems: string[] = []
  const given = readValues(environment, problems)
  const shape: Record<string, z.ZodType> = {}
  for (const [name, variable] of Object.entries(variables)) shape[name] = variable.schema
  const parsed = z.object(shape).safeParse(given)
  if (!parsed.success) problems.push(...parsed.error.issues.map((issue) => describe(issue, given)))
  problems.push(...conflicts(given))
  if (problems.length > 0 || !parsed.success)
    return { kind: 'invalid', problems: [...problems, ...unknownNames(environment)] }
  return { kind: 'ok', config: assemble(parsed.data as Values, warn(environment, given)) }
}

/** Reads the paths of rules and inbox, for commands that need no other setting. */
export const readPaths = (environment: Environment = process.env): { rulesFile: string; store: string } => ({
  rulesFile: environment.RULES_FILE || variables.RULES_FILE.default,
  store: environment.STORE_URL || variables.STORE_URL.default,
})

/** Returns the values that are set. An empty value counts as unset. A secret `X` can come from the file `X_FILE`. */
function readValues(environment: Environment, problems: string[]): Record<string, string> {
  const given: Record<string, string> = {}
  for (const [name, variable] of Object.entries<Variable>(variables)) {
    const value = environment[name]
    const file = variable.secret === true ? environment[`${name}_FILE`] : undefined
    if (value !== undefined && value !== '') given[name] = value
    if (file === undefined || file === '') continue
    if (given[name] !== undefined) {
      problems.push(`${name} and ${name}_FILE are both set: keep one of them`)
      continue
    }
    given[name] = 'the-file-could-not-be-read' // long enough to cause no second problem
    try {
      const content = readFileSync(file, 'utf8').trimEnd()
      if (content !== '') given[name] = content
      else problems.push(`${name}_FILE: ${file} is empty: write the secret into it`)
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
      problems.push(`${name}_FILE: cannot read ${file} (${code}): check the path and its permissions`)
    }
  }
  return given
}

function describe(issue: z.core.$ZodIssue, given: Record<string, string>): string {
  const name = String(issue.path[0])
  const variable: Variable | undefined = variables[name as keyof typeof variables]
  const value = given[name]
  if (value === undefined) return `${name} is required: ${variable?.meaning ?? ''}`
  return `${name} ${issue.message}${variable?.secret === true ? '' : `, but is ${JSON.stringify(withoutPassword(value))}`}`
}

const withoutPassword = (value: string): string => value.replace(/\/\/[^/]*@/, '//***@')

/** Conflicts between variables. It checks the raw values, so it also reports conflicts beside invalid values. */
function conflicts(given: Record<string, string>): string[] {
  const problems: string[] = []
  const { GENESYS_ENV: domain, ROLE: role } = given
  const urlsGiven = given.GENESYS_API_URL !== undefined && given.GENESYS_LOGIN_URL !== undefined
  if (domain !== undefined && !isRegion(domain) && !urlsGiven) {
    problems.push(
      `GENESYS_ENV ${JSON.stringify(domain)} is an unknown region: use one of ${regions.join(', ')}; ` +
        'or set both GENESYS_API_URL and GENESYS_LOGIN_URL',
    )
  }
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

function warn(environment: Environment, given: Record<string, string>): string[] {
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

/** Warns about misspelled settings: unknown names with a prefix of ours. */
function unknownNames(environment: Environment): string[] {
  const warnings: string[] = []
  for (const name of Object.keys(environment)) {
    if (!/^(GENESYS|WEBHOOK|NOTIFICATIONS|RATE|INBOX|TLS)_/.test(name)) continue
    const fileOf: Variable | undefined = variables[name.replace(/_FILE$/, '') as keyof typeof variables]
    if (!(name in variables) && fileOf?.secret !== true)
      warnings.push(`${name} is not a setting and has no effect`)
  }
  return warnings
}

type Values = { [Name in keyof typeof variables]: z.output<(typeof variables)[Name]['schema']> }

function assemble(values: Values, warnings: readonly string[]): Config {
  return Object.freeze({
    genesys: {
      apiUrl: values.GENESYS_API_URL ?? `https://api.${values.GENESYS_ENV}`,
      loginUrl: values.GENESYS_LOGIN_URL ?? `https://login.${values.GENESYS_ENV}`,
      clientId: values.GENESYS_CLIENT_ID,
      clientSecret: values.GENESYS_CLIENT_SECRET,
      profile: values.GENESYS_API_PROFILE,
      requestTimeoutMs: values.REQUEST_TIMEOUT_MS,
    },
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
