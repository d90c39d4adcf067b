import type { Environment } from '../config/checks.ts'
import { type ClientConfig, type Config, readConfig, readPaths } from '../config/config.ts'
import type { VariableName } from '../config/variables.ts'

/** The settings by part. A part is undefined if one of its own settings is not valid; the others do not matter. */
export interface Settings {
  readonly problems: readonly string[]
  readonly warnings: readonly string[]
  readonly region: Pick<Config['genesys'], 'apiUrl' | 'loginUrl' | 'requestTimeoutMs'> | undefined
  /** The region with the credentials of the OAuth client. */
  readonly client: Config['genesys'] | undefined
  /** Undefined also without a proxy. */
  readonly proxy: Config['proxy']
  readonly rate: ClientConfig['rate'] | undefined
  readonly role: Config['node']['role'] | undefined
  readonly storeUrl: string | undefined
  readonly rulesFile: string
  readonly http: Config['http'] | undefined
  /** Undefined also without one. */
  readonly adminToken: string | undefined
}

const region = [
  'GENESYS_ENV',
  'GENESYS_API_URL',
  'GENESYS_LOGIN_URL',
  'GENESYS_API_PROFILE',
  'GENESYS_PROXY_URL',
  'NO_PROXY',
  'REQUEST_TIMEOUT_MS',
] as const satisfies readonly VariableName[]
const credentials = ['GENESYS_CLIENT_ID', 'GENESYS_CLIENT_SECRET'] as const satisfies readonly VariableName[]

/** The required settings, for reading a part without them. */
const placeholders = { GENESYS_CLIENT_ID: 'unused', GENESYS_CLIENT_SECRET: 'unused', WEBHOOK_AUTH: 'none' }

/** Reads the environment once as a whole, for its problems, and once by part, so that each part can be checked. */
export function readSettings(environment: Environment): Settings {
  const whole = readConfig(environment)
  const part = (names: readonly VariableName[], base: Environment = placeholders): Config | undefined => {
    const own = names
      .flatMap((name) => [name, `${name}_FILE`])
      .filter((name) => environment[name] !== undefined)
    const read = readConfig({ ...base, ...Object.fromEntries(own.map((name) => [name, environment[name]])) })
    return read.kind === 'ok' ? read.config : undefined
  }
  return {
    problems: whole.kind === 'invalid' ? whole.problems : [],
    warnings: whole.kind === 'ok' ? whole.config.warnings : [],
    region: part(region)?.genesys,
    client: part([...region, ...credentials], { WEBHOOK_AUTH: 'none' })?.genesys,
    proxy: part(['GENESYS_PROXY_URL', 'NO_PROXY'])?.proxy,
    rate: part(['RATE_LIMIT', 'RATE_WINDOW_MS'])?.delivery,
    role: part(['ROLE', 'STORE_URL'])?.node.role,
    storeUrl: part(['STORE_URL'])?.inbox.url,
    rulesFile: readPaths(environment).rulesFile,
    http: part(['HOST', 'PORT', 'TLS_CERT_FILE', 'TLS_KEY_FILE', 'TLS_CLIENT_CA_FILE'])?.http,
    adminToken: part(['ADMIN_TOKEN'])?.adminToken,
  }
}
