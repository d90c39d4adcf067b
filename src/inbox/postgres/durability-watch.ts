import type { Durability, ServerNotice } from '../inbox.ts'
import { configurationError } from './configuration-error.ts'
import type { Query } from './connections.ts'
import { readDurability } from './durability.ts'

interface DurabilityWatchDeps {
  readonly query: Query
  /** Hosts and database. */
  readonly shown: string
  /** Refuse to open the inbox without a synchronous standby. */
  readonly requireSyncStandby: boolean
  readonly onServerNotice: (notice: ServerNotice) => void
  readonly everyMs?: number
}

/** Knows what accepted events survive with the settings of the server. After a failover, the new server may have others. */
export function createDurabilityWatch(deps: DurabilityWatchDeps) {
  const { query, shown, onServerNotice, everyMs = 30_000 } = deps
  let current: Durability | undefined
  let timer: NodeJS.Timeout | undefined

  async function read(): Promise<void> {
    const { survives, warnings, hasSyncStandby } = await readDurability(query)
    const missing = deps.requireSyncStandby && !hasSyncStandby
    if (missing && current === undefined)
      throw configurationError(
        `The inbox ${shown} has no synchronous standby, which STORE_REQUIRE_SYNC_STANDBY=true demands: set synchronous_standby_names on the server and keep synchronous_commit=on, or remove the setting`,
      )
    const lost =
      'No synchronous standby confirms commits any more, which STORE_REQUIRE_SYNC_STANDBY=true demands at a start: a failover can lose accepted events. Set synchronous_standby_names on this server'
    const next = { survives, warnings: missing ? [...warnings, lost] : warnings }
    if (JSON.stringify(next) === JSON.stringify(current)) return
    current = next
    for (const cause of next.warnings)
      onServerNotice({ level: 'warn', message: 'setting of the server', server: shown, cause, survives })
  }

  return {
    /** Throws `InboxOpenError` if the settings do not suffice. */
    read,
    /** Undefined before the first `read`. */
    current: () => current,
    start(): void {
      // While the server does not answer, other calls tell that.
      timer = setInterval(() => void read().catch(() => {}), everyMs)
    },
    stop(): void {
      clearInterval(timer)
    },
  }
}
