import { InboxOpenError, InboxUnavailableError } from './inbox.ts'

/**
 * Codes of SQLite that mean that it works, but not with these values: another event may succeed.
 * https://sqlite.org/rescode.html
 */
const valueFault = /^SQLITE_(CONSTRAINT|MISMATCH|RANGE|TOOBIG)/

/**
 * Whether an error of the inbox comes from its files, its disk, its server or the system, so that the same call may succeed later. Any other error,
 * such as a `TypeError`, is a bug or comes from the events of the call.
 */
export function isStoreFailure(error: unknown): boolean {
  if (error instanceof InboxUnavailableError || error instanceof InboxOpenError) return true
  if (!(error instanceof Error && 'code' in error && typeof error.code === 'string')) return false
  if (error.code.startsWith('SQLITE_')) return !valueFault.test(error.code)
  // Node.js gives errors of the system a number; its own errors, such as ERR_INVALID_ARG_TYPE, have none.
  return 'errno' in error && typeof error.errno === 'number'
}
