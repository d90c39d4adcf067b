import { InboxOpenError } from '../inbox.ts'

/** The inbox is the target of a `store migrate` that did not end: it lacks events. */
export const unfinishedCopy = (inbox: string): InboxOpenError =>
  new InboxOpenError(
    `The inbox ${inbox} is an unfinished copy of another inbox: run "genesys-enricher store migrate" again with the same FROM and TO to finish it, or set STORE_URL back to FROM`,
  )

/** The target of a copy has rows of its own. */
export const notEmpty = (inbox: string): InboxOpenError =>
  new InboxOpenError(
    `The inbox ${inbox} has events or known values already, and a copy would mix them with others: name a new inbox as TO`,
  )
