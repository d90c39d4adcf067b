import type { RareLog } from '../log/rare-log.ts'
import type { QueueFailure } from './failures.ts'
import type { QueueResult } from './queue.ts'
import type { QueueCall, QueueLog, QueueState } from './status.ts'

export interface CallReportsDeps {
  readonly state: Pick<QueueState, 'failed' | 'entriesFailed' | 'succeeded'>
  readonly log: QueueLog
  readonly rarely: RareLog
}

export type CallReports = ReturnType<typeof createCallReports>

/** Counts and logs the results of calls to SQS. */
export function createCallReports({ state, log, rarely }: CallReportsDeps) {
  const logFailure = (call: QueueCall, { code, cause }: QueueFailure): void =>
    rarely(`${call} ${code} ${cause}`, (count) => log.warn({ code, call, cause, count }, 'queue call failed'))

  return {
    noteResult: (call: QueueCall, result: QueueResult<unknown>): void => {
      if (result.kind === 'failed') {
        state.failed(call, result.failure)
        logFailure(call, result.failure)
      } else if (state.succeeded(call)) log.info({ call }, 'queue call succeeded again')
    },
    /** So many messages of a successful call were not changed. */
    noteFailedEntries: (call: QueueCall, entries: number): void => {
      if (entries === 0) return
      state.entriesFailed(entries)
      logFailure(call, { code: 'sqs_unavailable', cause: 'failed_entries' })
    },
  }
}
