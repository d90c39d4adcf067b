import { type ErrorEntry, errorCatalogue } from '../errors.ts'

const nothingAtOnce = 'Nothing to do at once: the service tries again by itself.'

/** Title and remedy of the failures after which an event stays pending, for those that are no code of the catalogue. */
const pendingFailures: ReadonlyMap<string, ErrorEntry> = new Map([
  ['unavailable', errorCatalogue.api_unavailable],
  ['conflict', { title: 'Genesys Cloud answered 409 (conflict)', remedy: nothingAtOnce }],
  ['token_expired', { title: 'Genesys Cloud refused the access token', remedy: nothingAtOnce }],
  ['participant_busy', { title: 'Another event changes the same participant', remedy: nothingAtOnce }],
])

export const pendingFailure = (code: string): ErrorEntry | undefined => pendingFailures.get(code)
