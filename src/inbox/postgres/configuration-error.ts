import { InboxOpenError } from '../inbox.ts'

/** The URL, or a setting of the server, does not allow this inbox. The message includes the remedy, and no credentials. */
export const configurationError = (message: string): InboxOpenError =>
  new InboxOpenError(message, { isConfiguration: true })
