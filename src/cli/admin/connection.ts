import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { loadEnvFile, readAdminConfig } from '../../config/config.ts'
import { ConfigurationError, systemCodeOf } from '../../errors.ts'
import { localUrl } from '../../http/local-url.ts'
import { type AdminClient, createAdminClient } from '../admin-client.ts'
import { httpUrl } from '../option-values.ts'

/** The options of every command that talks to a running service. */
export interface ConnectionOptions {
  readonly url?: string
  readonly tokenFile?: string
  readonly json?: true
}

export const withConnectionOptions = (command: Command): Command =>
  command
    .option('--url <url>', 'the running service (default: http:// with HOST and PORT)', httpUrl)
    .option('--token-file <file>', 'read the admin token from this file (default: ADMIN_TOKEN)')
    .option('--json', 'print one JSON document')

/** Calls `work` with a client of the running service. Throws `ConfigurationError` with all problems of the options. */
export async function withService<T>(
  options: ConnectionOptions,
  work: (client: AdminClient) => Promise<T>,
): Promise<T> {
  loadEnvFile()
  const client = createAdminClient(readConnection(options))
  try {
    return await work(client)
  } finally {
    client.close()
  }
}

function readConnection({ url, tokenFile }: ConnectionOptions): { url: string; token: string } {
  const problems: string[] = []
  const tokenInFile = tokenFile === undefined ? undefined : readToken(tokenFile, problems)
  const settings = readAdminConfig(tokenInFile)
  if (settings.kind === 'invalid') problems.push(...settings.problems)
  const { host = 'localhost', port = 0, adminToken } = settings.kind === 'ok' ? settings.config : {}
  if (settings.kind === 'ok' && tokenFile === undefined && adminToken === undefined)
    problems.push(
      'ADMIN_TOKEN is required: set it to the token of the service, or give --token-file FILE. If the service has none, set ADMIN_TOKEN in its environment or .env (openssl rand -base64 32) and restart it',
    )
  if (url === undefined && settings.kind === 'ok' && port === 0)
    problems.push('--url is required, because PORT is 0: the log line "listening" of the service has the URL')
  if (problems.length > 0 || adminToken === undefined)
    throw new ConfigurationError('The command cannot call the service', problems)
  return { url: url ?? localUrl({ host, port, isSecure: false }), token: adminToken }
}

function readToken(file: string, problems: string[]): string | undefined {
  try {
    const token = readFileSync(file, 'utf8').trim()
    if (token !== '') return token
    problems.push(`--token-file: ${file} is empty: write the admin token into it`)
  } catch (error) {
    const code = systemCodeOf(error, 'unreadable')
    problems.push(`--token-file: cannot read ${file} (${code}): check the path and its permissions`)
  }
  return undefined
}
