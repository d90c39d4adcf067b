import { setTimeout as sleep } from 'node:timers/promises'
import type { ServerProcess } from '../../../test/helpers/postgres-process.ts'
import type { Standby } from '../../../test/helpers/postgres-standby.ts'
import type { Fault } from './fault.ts'

/** The primary is lost for good, and its synchronous standby takes its place. */
export const failover = (primary: ServerProcess, standby: Standby): Fault => ({
  name: 'failover to the synchronous standby',
  reason: /accepts no writes|cannot be reached|ended the connection|is starting/,
  break: primary.kill,
  repair: async () => standby.promote(),
})

/**
 * The synchronous standby does not confirm, and an operator cancels the statements that hang: PostgreSQL then reports each commit as a
 * success, with a warning, although a failover would lose it.
 */
export function unconfirmed(primary: ServerProcess, standby: Standby): Fault {
  let isStopped = false
  let cancelling: Promise<void> = Promise.resolve()
  async function cancelHanging(): Promise<void> {
    while (isStopped) {
      await primary.admin("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
      await sleep(50)
    }
  }
  return {
    name: 'standby stopped, hanging commits cancelled',
    reason: /did not confirm a commit/,
    break: async () => {
      standby.signal('SIGSTOP')
      isStopped = true
      cancelling = cancelHanging()
    },
    repair: async () => {
      isStopped = false
      await cancelling
      standby.signal('SIGCONT')
    },
  }
}
