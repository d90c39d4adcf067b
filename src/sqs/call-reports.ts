import type { RareLog } from '../log/rare-log.ts'
import type { QueueFailure } from './failures.ts'
import type { QueueResult } from './queue.ts'
import type { QueueCall, QueueLog, QueueState } from './status.ts'

export interface CallReportsDeps {
  readonly state: Pick<QueueState, 'failed' | 'succeeded'>
  readonly log: QueueLog
  readonly rarely: RareLog
}

export type CallReports = ReturnType<typeof createCallReports>

/** Counts and logs the results of calls to SQS. */
export function createCallReports({ state, log, rarely }: CallReportsDeps) {
  function noteFailure(call: QueueCall, failure: QueueFailure, times = 1): void {
    const { code, cause } = failure
    state.failed(call, failure, times)
    rarely(`${call} ${code} ${cause}`, (count) =>
      log.warn({ code, call, cause, count }, 'queue call failed, retrying'),
    )
  }

  return {
    noteFailure,
    /** The value of a successful call; undefined after a failure. */
    valueOf: <Value>(call: QueueCall, result: QueueResult<Value>): Value | undefined => {
      if (result.kind === 'failed') {
        noteFailure(call, result.failure)
        return undefined
      }
      if (state.succeeded(call)) log.info({ call }, 'queue call succeeded again')
      return result.value
    },
  }
}
