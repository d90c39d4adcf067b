import type { DeadLetterItem, ShownLetter } from '../admin/answers.ts'
import type { Page } from '../admin/pages.ts'
import type { Progress } from '../progress.ts'
import type { Selection } from './selection.ts'

export type Change = 'replay' | 'drop'

export interface DeadLetterFilter {
  readonly code: string | undefined
  readonly rule: string | undefined
  /** Epoch ms: only letters that died at or after this time. */
  readonly since: number | undefined
}

/** The dead letters of a running service, or of the inbox of a stopped one. */
export interface DeadLetterSource {
  /** Oldest first. */
  list(filter: DeadLetterFilter, limit: number): Promise<Page<DeadLetterItem>>
  /** Throws `CommandFailure` if no dead letter has this id. */
  show(id: string): Promise<ShownLetter>
  /** Returns the number of dead letters that were changed. */
  change(what: Change, selection: Selection, progress: Progress): Promise<number>
}
