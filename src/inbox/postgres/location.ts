import { readFileSync } from 'node:fs'
import type { ConnectionOptions } from 'node:tls'
import { systemCodeOf } from '../../errors.ts'
import type { InboxOpenError } from '../inbox.ts'
import { configurationError } from './configuration-error.ts'

/** Where the server is, and how to connect. */
export interface Location {
  /** At least one. The first one that accepts writes is used. `host`: a name, an address or the folder of a Unix socket. */
  readonly hosts: readonly { readonly host: string; readonly port: number }[]
  readonly user: string
  /** Empty: see `passwordFile`. */
  readonly password: string
  /** A password file in the format of PostgreSQL. */
  readonly passwordFile: string | undefined
  readonly database: string
  /** False: no TLS. */
  readonly tls: ConnectionOptions | false
  /** The parameter `options` of the connection: settings of the session. */
  readonly options: string | undefined
  readonly connectTimeoutMs: number
  /** Hosts and database, without credentials: for logs and errors. */
  readonly shown: string
}

const parameters = [
  'sslmode',
  'sslrootcert',
  'sslcert',
  'sslkey',
  'search_path',
  'options',
  'connect_timeout',
  'passfile',
  'host',
] as const
type Parameters = Partial<Record<(typeof parameters)[number], string>>

const connectTimeoutMsByDefault = 5_000

/**
 * Reads `//USER:PASSWORD@HOST[:PORT][,HOST2[:PORT2]]/DATABASE[?PARAMETERS]`, like libpq. No message contains the credentials. Throws
 * `InboxOpenError`.
 */
export function parseLocation(location: string): Location {
  const [, userInfo = '', authority = '', path = '', query = ''] =
    /^\/\/(?:(.*)@)?([^/?@]*)(?:\/([^?]*))?(?:\?(.*))?$/s.exec(location) ?? []
  const given = readParameters(query)
  const [, user = '', password = ''] = /^([^:]*):?(.*)$/s.exec(userInfo) ?? []
  const hosts = (given.host ?? authority)
    .split(',')
    .filter((host) => host !== '')
    .map(readHost)
  const database = decode(path)
  if (hosts.length === 0) throw wrong('names no host')
  if (user === '') throw wrong('names no user')
  if (database === '') throw wrong('names no database')
  return {
    hosts,
    user: decode(user),
    password: decode(password),
    passwordFile: given.passfile,
    database,
    tls: readTls(given),
    options: readOptions(given),
    connectTimeoutMs: readTimeout(given.connect_timeout),
    shown: `${hosts.map(({ host, port }) => `${host}:${port}`).join(',')}/${database}`,
  }
}

const wrong = (problem: string): InboxOpenError =>
  configurationError(
    `STORE_URL ${problem}: write postgres://USER:PASSWORD@HOST:PORT/DATABASE, with % codes for special characters in user and password`,
  )

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw wrong('contains a % that is not followed by a code')
  }
}

function readHost(text: string): { host: string; port: number } {
  const [, bracketed, plain, port = '5432'] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(text) ?? []
  const host = bracketed ?? plain
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535)
    throw wrong('has a host or port that is not valid')
  return { host: decode(host), port: Number(port) }
}

function readParameters(query: string): Parameters {
  const given: Parameters = {}
  for (const [name, value] of new URLSearchParams(query)) {
    const known = parameters.find((parameter) => parameter === name)
    if (known === undefined)
      throw configurationError(
        `STORE_URL has the unknown parameter ${JSON.stringify(name)}: use ${parameters.join(', ')}`,
      )
    given[known] = value
  }
  return given
}

function readTls({ sslmode = 'disable', sslrootcert, sslcert, sslkey }: Parameters): Location['tls'] {
  const files = {
    ...(sslrootcert !== undefined && { ca: readFile('sslrootcert', sslrootcert) }),
    ...(sslcert !== undefined && { cert: readFile('sslcert', sslcert) }),
    ...(sslkey !== undefined && { key: readFile('sslkey', sslkey) }),
  }
  if (sslmode === 'disable') return false
  if (sslmode === 'require') return { ...files, rejectUnauthorized: sslrootcert !== undefined, ...anyName }
  if (sslmode === 'verify-ca') return { ...files, rejectUnauthorized: true, ...anyName }
  if (sslmode === 'verify-full') return { ...files, rejectUnauthorized: true }
  throw configurationError(
    `STORE_URL has sslmode=${sslmode}: use disable, require, verify-ca or verify-full (verify-full for a server outside your network)`,
  )
}

const anyName: ConnectionOptions = { checkServerIdentity: () => undefined }

function readFile(parameter: string, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw configurationError(
      `STORE_URL: the file of ${parameter}, ${path}, cannot be read (${systemCodeOf(error, 'unknown')})`,
    )
  }
}

function readOptions({ options, search_path: searchPath }: Parameters): string | undefined {
  if (searchPath === undefined) return options
  // A backslash keeps a space inside the value.
  const escaped = searchPath.replaceAll('\\', '\\\\').replaceAll(' ', '\\ ')
  return `${options === undefined ? '' : `${options} `}-c search_path=${escaped}`
}

function readTimeout(seconds: string | undefined): number {
  if (seconds === undefined) return connectTimeoutMsByDefault
  if (!/^[1-9]\d{0,2}$/.test(seconds))
    throw configurationError('STORE_URL: connect_timeout must be a whole number of seconds from 1 to 999')
  return Number(seconds) * 1_000
}
