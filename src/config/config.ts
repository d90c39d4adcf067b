import { existsSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import { systemCodeOf } from '../errors.ts'
import type { TracingSettings } from '../tracing/settings.ts'
import { conflicts, type Environment, regionConflict, riskyValues, unknownNames } from './checks.ts'
import { withPasswordFile } from './password-file.ts'
import { type QueueSettings, readSqs } from './sqs.ts'
import { readTracing } from './tracing.ts'
import { type Variable, type VariableName, variables } from './variables.ts'

/** All settings of the service, validated and frozen. */
export type Config = ReturnType<typeof assemble>

/** The settings of a command that calls Genesys Cloud without the service. */
export interface ClientConfig extends Pick<Config, 'genesys' | 'proxy' | 'warnings'> {
  readonly rate: Pick<Config['delivery'], 'rateLimit' | 'rateWindowMs'>
}

type Result<Settings> = { kind: 'ok'; config: Settings } | { kind: 'invalid'; problems: readonly string[] }

/** Loads `.env` from the working directory, if it exists, without overriding existing variables. Returns the environment. */
export function loadEnvFile(): Environment {
  if (existsSync('.env')) process.loadEnvFile('.env')
  return process.env
}

/** Reads the environment and returns all problems together. Never throws or prints. */
export function readConfig(environment: Environment = process.env): Result<Config> {
  const { values, given, ...read } = readVariables(Object.keys(variables) as VariableName[], environment)
  const tracing = readTracing(environment, process.env)
  const sqs = readSqs(values, environment, process.env)
  const problems = [...read.problems, ...conflicts(given), ...tracing.problems, ...sqs.problems]
  if (problems.length > 0 || values === undefined)
    return { kind: 'invalid', problems: [...problems, ...unknownNames(environment)] }
  const warnings = [...riskyValues(given), ...unknownNames(environment)]
  return { kind: 'ok', config: assemble(values, tracing.settings, sqs.settings, warnings) }
}

const clientVariables = [
  'GENESYS_ENV',
  'GENESYS_CLIENT_ID',
  'GENESYS_CLIENT_SECRET',
  'GENESYS_API_URL',
  'GENESYS_LOGIN_URL',
  'GENESYS_API_PROFILE',
  'GENESYS_PROXY_URL',
  'NO_PROXY',
  'REQUEST_TIMEOUT_MS',
  'RATE_LIMIT',
  'RATE_WINDOW_MS',
] as const satisfies readonly VariableName[]

/** Like `readConfig`, but only the variables of the Genesys Cloud client: others can be missing or invalid. */
export function readClientConfig(environment: Environment = process.env): Result<ClientConfig> {
  const { values, given, ...read } = readVariables(clientVariables, environment)
  const problems = [...read.problems, ...regionConflict(given)]
  const warnings = unknownNames(environment, /^GENESYS_/)
  if (problems.length > 0 || values === undefined)
    return { kind: 'invalid', problems: [...problems, ...warnings] }
  const rate = { rateLimit: values.RATE_LIMIT, rateWindowMs: values.RATE_WINDOW_MS }
  return {
    kind: 'ok',
    config: Object.freeze({ genesys: genesysOf(values), proxy: proxyOf(values), rate, warnings }),
  }
}

/**
 * Reads the settings of a command that calls the admin routes of a running service. `adminToken`: takes the place of the
 * variable.
 */
export function readAdminConfig(
  adminToken?: string,
  environment: Environment = process.env,
): Result<{ readonly host: string; readonly port: number; readonly adminToken: string | undefined }> {
  const given = adminToken === undefined ? {} : { ADMIN_TOKEN: adminToken, ADMIN_TOKEN_FILE: undefined }
  const { values, problems } = readVariables(['HOST', 'PORT', 'ADMIN_TOKEN'], { ...environment, ...given })
  if (problems.length > 0 || values === undefined) return { kind: 'invalid', problems }
  return { kind: 'ok', config: { host: values.HOST, port: values.PORT, adminToken: values.ADMIN_TOKEN } }
}

/** Reads the outgoing proxy, for commands that need no other setting. */
export function readProxyConfig(environment: Environment = process.env): Result<Pick<Config, 'proxy'>> {
  const { values, problems } = readVariables(['GENESYS_PROXY_URL', 'NO_PROXY'], environment)
  if (problems.length > 0 || values === undefined) return { kind: 'invalid', problems }
  return { kind: 'ok', config: { proxy: proxyOf(values) } }
}

/** Reads the path of the rules, the inbox and its OAuth client, for commands that need no other setting. */
export function readPaths(environment: Environment = process.env) {
  const given = readTexts(['RULES_FILE', 'STORE_URL', 'GENESYS_CLIENT_ID'], environment, [])
  return {
    rulesFile: given.RULES_FILE ?? variables.RULES_FILE.default,
    store: given.STORE_URL ?? variables.STORE_URL.default,
    client: given.GENESYS_CLIENT_ID,
  }
}

type Values = { [Name in VariableName]: z.output<(typeof variables)[Name]['schema']> }

/** Reads and validates these variables. `given`: their texts, valid or not. `values`: undefined if one is invalid. */
function readVariables<Name extends VariableName>(names: readonly Name[], environment: Environment) {
  const problems: string[] = []
  const given = readTexts(names, environment, problems)
  if (given.ROLE === 'ingest')
    for (const name of ['GENESYS_CLIENT_ID', 'GENESYS_CLIENT_SECRET']) given[name] ??= ''
  const shape: Record<string, z.ZodType> = {}
  for (const name of names) shape[name] = variables[name].schema
  const parsed = z.object(shape).safeParse(given)
  const issues = parsed.error?.issues.filter(({ path }) => given[String(path[0])] !== unreadable) ?? []
  problems.push(...issues.map((issue) => describe(issue, given)))
  return { values: parsed.success ? (parsed.data as Pick<Values, Name>) : undefined, given, problems }
}

/** The value of a secret whose file cannot be read: one problem is enough. */
const unreadable = 'the-file-could-not-be-read'

/** Returns the values that are set. An empty value counts as unset. A secret `X`, or the inbox, can come from the file `X_FILE`. */
function readTexts(
  names: readonly VariableName[],
  environment: Environment,
  problems: string[],
): Record<string, string> {
  const given: Record<string, string> = {}
  for (const name of names) {
    const variable: Variable = variables[name]
    const value = environment[name]
    const file = variable.secret === true || variable.file === true ? environment[`${name}_FILE`] : undefined
    if (value !== undefined && value !== '') given[name] = value
    if (file === undefined || file === '') continue
    if (given[name] !== undefined) {
      problems.push(`${name} and ${name}_FILE are both set: keep one of them`)
      continue
    }
    given[name] = unreadable
    try {
      const content = readFileSync(file, 'utf8').trimEnd()
      if (content !== '') given[name] = content
      else problems.push(`${name}_FILE: ${file} is empty: write the secret into it`)
    } catch (error) {
      const code = systemCodeOf(error, 'unreadable')
      problems.push(`${name}_FILE: cannot read ${file} (${code}): check the path and its permissions`)
    }
  }
  if (given.STORE_URL !== undefined) given.STORE_URL = withPasswordFile(given.STORE_URL, environment)
  return given
}

function describe(issue: z.core.$ZodIssue, given: Record<string, string>): string {
  const name = String(issue.path[0])
  const variable: Variable | undefined = variables[name as VariableName]
  const value = given[name]
  if (value === undefined) return `${name} is required: ${variable?.meaning ?? ''}`
  return `${name} ${issue.message}${variable?.secret === true ? '' : `, but is ${JSON.stringify(withoutPassword(value))}`}`
}

/** Also of a URL with a mistake, such as `https:user:password@host` or a `/` in the password. */
const withoutPassword = (value: string): string => value.replace(/:.*@/s, '://***@')

const genesysOf = (values: Pick<Values, (typeof clientVariables)[number]>) => ({
  /** Origin (and path prefix, if any) of the platform API, without a trailing slash. */
  apiUrl: values.GENESYS_API_URL ?? `https://api.${values.GENESYS_ENV}`,
  loginUrl: values.GENESYS_LOGIN_URL ?? `https://login.${values.GENESYS_ENV}`,
  clientId: values.GENESYS_CLIENT_ID,
  clientSecret: values.GENESYS_CLIENT_SECRET,
  profile: values.GENESYS_API_PROFILE,
  requestTimeoutMs: values.REQUEST_TIMEOUT_MS,
})

/** Undefined: direct connections. */
const proxyOf = ({
  GENESYS_PROXY_URL: url,
  NO_PROXY: noProxy,
}: Pick<Values, 'GENESYS_PROXY_URL' | 'NO_PROXY'>) => (url === undefined ? undefined : { url, noProxy })

const oidcOf = (values: Values) =>
  values.WEBHOOK_OIDC_ISSUER === undefined
    ? undefined
    : {
        issuer: values.WEBHOOK_OIDC_ISSUER,
        audiences: values.WEBHOOK_OIDC_AUDIENCE,
        /** Empty: any subject. */
        subjects: values.WEBHOOK_OIDC_SUBJECTS,
      }

function assemble(
  values: Values,
  tracing: TracingSettings,
  sqs: QueueSettings | undefined,
  warnings: readonly string[],
) {
  const { TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile, TLS_CLIENT_CA_FILE: clientCaFile } = values
  return Object.freeze({
    genesys: genesysOf(values),
    proxy: proxyOf(values),
    http: {
      host: values.HOST,
      port: values.PORT,
      /** Trusted proxies, as a number or as addresses; undefined: `X-Forwarded-For` is ignored. */
      trustProxy: values.TRUST_PROXY,
      /** Undefined: plain HTTP. */
      tls: certFile === undefined || keyFile === undefined ? undefined : { certFile, keyFile, clientCaFile },
    },
    webhook: {
      auth: values.WEBHOOK_AUTH,
      /** HMAC secrets, newest first. */
      secrets: values.WEBHOOK_SECRETS,
      tokens: values.WEBHOOK_TOKENS,
      /** One more header with a signature; undefined: none. */
      hmacHeader: values.WEBHOOK_HMAC_HEADER,
      /** Undefined: no JWT is accepted. */
      oidc: oidcOf(values),
      /** Empty: no signature of Amazon SNS is accepted. */
      topicArns: values.SNS_TOPIC_ARNS,
      /** Most refused credentials per client address and minute; 0: no limit. */
      maxFailures: values.WEBHOOK_MAX_FAILURES,
      /** Empty: all networks. */
      allowedNetworks: values.WEBHOOK_ALLOWED_CIDRS,
      maxBodyBytes: values.MAX_BODY_BYTES,
      maxBatch: values.MAX_BATCH,
    },
    /** Subscriptions on the notification websocket, queues by name or id; none if both are empty. */
    notifications: { queues: values.NOTIFICATIONS_QUEUES, topics: values.NOTIFICATIONS_TOPICS },
    /** The Amazon SQS queue to take events from; undefined: none. */
    sqs,
    /** How this process takes part, if several nodes share the inbox. `ingest`: the credentials in `genesys` can be empty. */
    node: { role: values.ROLE, leaseMs: values.OWNERSHIP_LEASE_MS },
    rulesFile: values.RULES_FILE,
    inbox: {
      url: values.STORE_URL,
      requireSyncStandby: values.STORE_REQUIRE_SYNC_STANDBY === 'true',
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
    /** Evaluates rules and records events, but sets no attributes. */
    dryRun: values.DRY_RUN === 'true',
    adminToken: values.ADMIN_TOKEN,
    tracing: { ...tracing, sendTraceparent: values.GENESYS_SEND_TRACEPARENT === 'true' },
    logLevel: values.LOG_LEVEL,
    shutdownGraceMs: values.SHUTDOWN_GRACE_MS,
    /** Valid but risky settings, for the log at start. */
    warnings,
  } as const)
}
