import { pathWithoutIndexes, problemsToLog } from '../ingest/rejected-items.ts'
import type { RareLog } from '../log/rare-log.ts'
import type { QueueLog, QueueState } from './status.ts'
import type { MessageOutcome } from './store-messages.ts'

export interface RejectionsDeps {
  readonly state: Pick<QueueState, 'rejected'>
  readonly log: QueueLog
  readonly rarely: RareLog
}

/** Logs what the intake rejects. The log and `/health` are the only reports, because a queue has no response. */
export function createRejections({ state, log, rarely }: RejectionsDeps) {
  return {
    note: (outcome: MessageOutcome): void => {
      if (outcome.kind === 'refused') return
      const { message, rejected } = outcome
      const code = outcome.kind === 'rejected' ? outcome.code : 'invalid_event'
      const [first] = rejected
      if (outcome.kind === 'stored' && first === undefined) return
      const path = first?.problems[0]?.path ?? ''
      state.rejected({ messageId: message.id, code, path })
      rarely(`${outcome.kind} ${code} ${pathWithoutIndexes(path)}`, (count) => {
        const fields = {
          code,
          messageId: message.id,
          receiveCount: message.receiveCount,
          ...(first !== undefined && {
            rejected: rejected.length,
            problems: problemsToLog(first.problems),
          }),
          count,
        }
        const what = outcome.kind === 'stored' ? 'part of a message rejected' : 'message rejected'
        log.warn(fields, what)
      })
    },
  }
}
