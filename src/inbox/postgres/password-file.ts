import { readFile, stat } from 'node:fs/promises'
import { systemCodeOf } from '../../errors.ts'
import { InboxOpenError } from '../inbox.ts'
import { configurationError } from './configuration-error.ts'
import type { Location } from './location.ts'

/** Access of the group or of others. */
const foreignAccess = 0o077

/**
 * The password for a host: of the URL, or of the password file, which is read for each connection so that a new password needs no
 * restart. Throws `InboxOpenError` if there is none.
 */
export async function passwordFor(
  { user, password, passwordFile, database, shown }: Location,
  { host, port }: Location['hosts'][number],
): Promise<string> {
  if (password !== '') return password
  if (passwordFile === undefined)
    throw configurationError(
      `The inbox ${shown} demands a password for ${user}: add it to STORE_URL, or name a password file with passfile`,
    )
  // Like libpq, a Unix socket is localhost.
  const names = host.startsWith('/') ? [host, 'localhost'] : [host]
  const found = matching(await readLines(passwordFile), names, [String(port), database, user])
  if (found === undefined)
    throw configurationError(
      `The password file ${passwordFile} has no line for the inbox ${shown}: add ${names.at(-1)}:${port}:${database}:${user}:PASSWORD, with \\ before : and \\ in a value`,
    )
  return found
}

async function readLines(file: string): Promise<string[]> {
  try {
    const { mode } = await stat(file)
    if (process.platform !== 'win32' && (mode & foreignAccess) !== 0)
      throw configurationError(`The password file ${file} is open to other users: run chmod 600 ${file}`)
    return (await readFile(file, 'utf8')).split(/\r?\n/)
  } catch (error) {
    if (error instanceof InboxOpenError) throw error
    const code = systemCodeOf(error, 'unknown')
    throw configurationError(`The password file ${file} cannot be read (${code})`)
  }
}

/**
 * The password of the first line that fits. `*` fits everything; a backslash keeps the next character as it is.
 * https://www.postgresql.org/docs/current/libpq-pgpass.html
 */
function matching(
  lines: readonly string[],
  hosts: readonly string[],
  others: readonly string[],
): string | undefined {
  for (const line of lines) {
    if (line.startsWith('#')) continue
    const fields = /^((?:\\.|[^\\:])*):((?:\\.|[^\\:])*):((?:\\.|[^\\:])*):((?:\\.|[^\\:])*):(.*)$/.exec(line)
    const [host, ...rest] = (fields ?? []).slice(1).map(withoutBackslashes)
    const fits = (pattern: string | undefined, values: readonly string[]) =>
      pattern === '*' || (pattern !== undefined && values.includes(pattern))
    if (fits(host, hosts) && others.every((value, index) => fits(rest[index], [value]))) return rest[3]
  }
  return undefined
}

const withoutBackslashes = (field: string): string => field.replaceAll(/\\(.)/g, '$1')
