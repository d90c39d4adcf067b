import { randomUUID } from 'node:crypto'
import { InboxUnavailableError } from '../inbox.ts'
import type { Query } from './connections.ts'

interface OwnershipDeps {
  readonly query: Query
  readonly client: string
  readonly leaseMs: number
  /** Ms of a clock that never jumps. */
  readonly monotonic: () => number
  /** Called when this node loses the delivery, and when it has it again. */
  readonly onChange: (isOwner: boolean) => void
}

export interface Ownership {
  /** The epoch; undefined: another node may deliver now. */
  epoch(): number | undefined
  /** Throws `InboxUnavailableError` if another node may deliver. */
  require(): void
  /** Waits for a renewal under way, and gives up the ownership, so that the next node need not wait for its end. */
  release(): Promise<void>
}

/** Times are those of the server, so that the clocks of the nodes do not matter. */
const acquireSql = `
  INSERT INTO inbox_owners AS o (client, epoch, node, expires_at)
  VALUES ($1, 1, $2, clock_timestamp() + $3 * interval '1 millisecond')
  ON CONFLICT (client) DO UPDATE SET node = excluded.node, expires_at = excluded.expires_at,
    epoch = CASE WHEN o.node = excluded.node THEN o.epoch ELSE o.epoch + 1 END
  WHERE o.node = excluded.node OR o.expires_at <= clock_timestamp()
  RETURNING epoch`
const releaseSql =
  'UPDATE inbox_owners SET expires_at = clock_timestamp() WHERE client = $1 AND node = $2 AND expires_at > clock_timestamp()'

const inUse = new InboxUnavailableError({
  cause: 'Another process delivers the events of this OAuth client from the same database',
  remedy: 'Stop that process; after a crash, its right ends within seconds. This version supports one node',
})

const notRenewed = new InboxUnavailableError({
  cause: 'The right to deliver was not renewed in time, because the server did not answer',
  remedy: 'Check that the server runs and can be reached; the service tries again by itself',
})

/** After a failed renewal. */
const retryMs = 500

/**
 * One node delivers for one OAuth client at a time: it has a lease in the database. Every write of a delivery names its epoch, so a
 * node that lost the lease changes nothing. The holder counts the lease from before the request was sent. Throws
 * `InboxUnavailableError` while another node has it.
 */
export async function acquireOwnership(deps: OwnershipDeps): Promise<Ownership> {
  const { query, client, leaseMs, monotonic, onChange } = deps
  const node = randomUUID()
  let held: { readonly epoch: number; readonly until: number } | undefined
  let wasOwner = true
  let lost: InboxUnavailableError = notRenewed
  let isReleased = false
  let timer: NodeJS.Timeout | undefined
  let renewal: Promise<void> = Promise.resolve()

  async function acquire(): Promise<void> {
    const at = monotonic()
    const [row] = await query<{ epoch: number }>(acquireSql, [client, node, leaseMs])
    held = row && { epoch: row.epoch, until: at + leaseMs }
    if (row === undefined) lost = inUse
  }

  const epoch = () => (held !== undefined && monotonic() < held.until ? held.epoch : undefined)

  async function renew(): Promise<void> {
    // A failure is no reason to stop: the lease ends by itself.
    const failed = await acquire().then(
      () => false,
      () => true,
    )
    if (failed) lost = notRenewed
    const isOwner = epoch() !== undefined
    if (isOwner !== wasOwner && !isReleased) onChange(isOwner)
    wasOwner = isOwner
    schedule(failed ? Math.min(retryMs, leaseMs / 3) : leaseMs / 3)
  }
  function schedule(ms: number): void {
    if (isReleased) return
    timer = setTimeout(() => {
      renewal = renew()
    }, ms)
  }

  await acquire()
  if (held === undefined) throw inUse
  schedule(leaseMs / 3)
  return {
    epoch,
    require: () => {
      if (epoch() === undefined) throw lost
    },
    release: async () => {
      isReleased = true
      clearTimeout(timer)
      await renewal
      held = undefined
      await query(releaseSql, [client, node])
    },
  }
}
