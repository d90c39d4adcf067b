import { errorCatalogue } from '../errors.ts'
import { findSavedCopies } from './open-inbox.ts'

interface SavedCopiesLog {
  warn(fields: object, message: string): void
}

/** Warns of each copy beside the inbox: an earlier run has saved its events there, and this one does not deliver them. */
export async function reportSavedCopies(url: string, log: SavedCopiesLog): Promise<void> {
  const code = 'inbox_copy_left'
  for (const file of await findSavedCopies(url))
    log.warn({ code, file, remedy: errorCatalogue[code].remedy }, 'saved copy of the inbox is not in use')
}
