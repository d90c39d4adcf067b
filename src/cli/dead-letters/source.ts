import type { DeadLetterMatch } from '../../inbox/inbox.ts'
import type { DeadLetterCounts, DeadLetterItem, ShownLetter } from '../admin/answers.ts'
import type { Page } from '../admin/pages.ts'
import type { Progress } from '../progress.ts'
import type { Selection } from './selection.ts'

export type Change = 'replay' | 'drop'

export interface Changed {
  /** The number of dead letters that were changed. */
  readonly changed: number
  /** The ids that are not those of dead letters. */
  readonly skipped: readonly string[]
}

/** The dead letters of a running service, or of the inbox of a stopped one. */
export interface DeadLetterSource {
  /** In order of acceptance. */
  list(match: DeadLetterMatch, limit: number): Promise<Page<DeadLetterItem>>
  /** Of all dead letters that match. */
  counts(match: DeadLetterMatch): Promise<DeadLetterCounts>
  /** Throws `CommandFailure` if no dead letter has this id. */
  show(id: string): Promise<ShownLetter>
  change(what: Change, selection: Selection, progress: Progress): Promise<Changed>
}
