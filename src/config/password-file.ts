import { existsSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Adds the password file that the programs of PostgreSQL would use, `PGPASSFILE` or `~/.pgpass`, to a URL of a PostgreSQL inbox that has
 * neither a password nor a password file.
 */
export function withPasswordFile(
  url: string,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  if (!/^postgres(ql)?:/.test(url) || /^[a-z]+:\/\/[^/@]*:[^/@]+@/.test(url) || /[?&]passfile=/.test(url))
    return url
  const { PGPASSFILE: given, HOME: home } = environment
  const own = home === undefined || home === '' ? undefined : join(home, '.pgpass')
  const file = given || (own !== undefined && existsSync(own) ? own : undefined)
  if (file === undefined) return url
  return `${url}${url.includes('?') ? '&' : '?'}passfile=${encodeURIComponent(file)}`
}
