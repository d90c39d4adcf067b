import { systemCodeOf } from '../../errors.ts'
import { InboxOpenError, InboxUnavailableError } from '../inbox.ts'
import { configurationError } from './configuration-error.ts'
import type { Location } from './location.ts'

type Shown = Pick<Location, 'shown' | 'user' | 'database' | 'password' | 'passwordFile'>

/** The service gave up a statement after its timeout, or waited too long for a free connection. */
export class StatementTimeoutError extends Error {
  override readonly name = 'StatementTimeoutError'
  readonly code = 'TIMEOUT'
}

/** The server reported the commit as a success, although its synchronous standby may not have it: a failover could lose it. */
export class UnconfirmedCommitError extends Error {
  override readonly name = 'UnconfirmedCommitError'
  readonly code = 'UNCONFIRMED'
}

/** The code of a failure to connect with TLS to a server that does not offer it. */
export const noTls = 'NO_TLS'

/** Failures that no later attempt changes, by SQLSTATE or system code: the cause, and the remedy. */
const permanent: Readonly<Record<string, (at: Shown) => readonly [cause: string, remedy: string]>> = {
  '28P01': ({ user, password, passwordFile }) => [
    `the server refuses the password of ${user}`,
    password === '' && passwordFile !== undefined
      ? `correct the password in the file ${passwordFile}`
      : 'correct user and password in STORE_URL, with % codes for special characters',
  ],
  '28000': ({ user }) => [
    `the server does not let ${user} in`,
    'check that the role exists and that pg_hba.conf allows it from this address; a server that demands TLS needs sslmode=verify-full (or require) in STORE_URL',
  ],
  '3D000': ({ database, user }) => [
    `the database ${database} does not exist`,
    `create it (CREATE DATABASE ${database} OWNER ${user} ENCODING 'UTF8'), or correct STORE_URL`,
  ],
  '3F000': ({ user }) => [
    'the search_path names no schema that exists',
    `create the schema (CREATE SCHEMA … AUTHORIZATION ${user}), or correct search_path in STORE_URL`,
  ],
  [noTls]: () => [
    'the server does not offer TLS',
    'turn TLS on at the server, or set sslmode=disable in STORE_URL if the network between is yours',
  ],
  '42501': ({ user, database }) => [
    `${user} lacks a right in the database ${database}`,
    `let the role own its schema (CREATE SCHEMA … AUTHORIZATION ${user}, with search_path in STORE_URL), or the database`,
  ],
}

const tlsCodes =
  /^(CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|ERR_TLS_CERT|ERR_SSL_|ERR_OSSL_|HOSTNAME_MISMATCH)/

function explainTls(code: string): readonly [cause: string, remedy: string] {
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID' || code === 'HOSTNAME_MISMATCH')
    return [
      'the certificate of the server does not contain the host name in STORE_URL',
      'use a host name of the certificate in STORE_URL, or set sslmode=verify-ca, which accepts any name',
    ]
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID')
    return ['the certificate of the server is not valid today', 'renew it, and check the clocks']
  if (/^ERR_O?SSL_/.test(code))
    return ['the TLS connection fails', 'check the files of sslrootcert, sslcert and sslkey in STORE_URL']
  return [
    'the certificate of the server does not come from an authority that the service trusts',
    'set sslrootcert in STORE_URL to the file with the certificate authority of the server',
  ]
}

/** Undefined: a later attempt may succeed. */
function explain(code: string, at: Shown): readonly [cause: string, remedy: string] | undefined {
  return permanent[code]?.(at) ?? (tlsCodes.test(code) ? explainTls(code) : undefined)
}

/** The error for the operator if a new attempt cannot succeed; undefined: a later one can. */
export function asOpenError(error: unknown, at: Shown): InboxOpenError | undefined {
  if (error instanceof InboxOpenError) return error
  const code = systemCodeOf(error, '')
  const known = explain(code, at)
  if (known === undefined) return undefined
  const [cause, remedy] = known
  return configurationError(
    `The inbox ${at.shown} cannot be opened: ${cause} (${code}). To solve it, ${remedy}`,
  )
}

/** SQLSTATE classes of errors that come from the values of a statement, or from the statement. */
const statementFault = /^(22|23|42|54)...$/

/** Whether the server or the connection failed, so that the same call may succeed later. */
export const isServerFailure = (error: unknown): boolean =>
  !(error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError) &&
  !statementFault.test(systemCodeOf(error, ''))

const remedyByDefault =
  'Check that the server runs, accepts writes and can be reached; the service tries again by itself'

/** What `/readyz` and the log say while the server does not answer as it should. */
export function asUnavailable(error: unknown, at: Shown): InboxUnavailableError {
  if (error instanceof InboxUnavailableError) return error
  const options = { cause: error }
  if (error instanceof InboxOpenError)
    return new InboxUnavailableError({ cause: error.message, remedy: remedyByDefault }, options)
  const code = systemCodeOf(error, 'unknown')
  const known = explain(code, at)
  if (known === undefined)
    return new InboxUnavailableError(
      { cause: `PostgreSQL at ${at.shown} ${describe(code)} (${code})`, remedy: remedyByDefault },
      options,
    )
  const [cause, remedy] = known
  return new InboxUnavailableError(
    { cause: `PostgreSQL at ${at.shown}: ${cause} (${code})`, remedy: `To solve it, ${remedy}` },
    options,
  )
}

function describe(code: string): string {
  if (code === 'TIMEOUT') return 'does not answer in time'
  if (code === 'UNCONFIRMED') return 'did not confirm a commit on its synchronous standby'
  if (code === '57P03') return 'is starting or stopping'
  if (code === '53300') return 'has no free connection'
  if (code.startsWith('53')) return 'lacks disk space or memory'
  if (code === '25006') return 'accepts no writes'
  if (code.startsWith('57P') || code.startsWith('08')) return 'ended the connection'
  if (/^[0-9A-Z]{5}$/.test(code)) return 'refuses a statement'
  return 'cannot be reached'
}
