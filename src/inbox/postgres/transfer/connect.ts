import { setTimeout as wait } from 'node:timers/promises'
import { InboxOpenError, InboxUnavailableError } from '../../inbox.ts'
import { processName } from '../../this-node.ts'
import { type Connections, createConnections, type Query } from '../connections.ts'
import { asOpenError, asUnavailable, isServerFailure } from '../failures.ts'
import { type Location, parseLocation } from '../location.ts'
import { createOwnership, type Ownership } from '../ownership.ts'

/** Longest time of a statement: counting the rows of a large inbox takes a while. */
export const timeoutMs = 600_000
/** How long a process that died keeps the inbox from the next one. */
const leaseMs = 5_000
const retryMs = 250

const realTime = () => performance.now()

export interface Connected {
  readonly connections: Connections
  readonly location: Location
}

/** One connection copies, the other keeps the ownership. A failure of the server rejects with `InboxOpenError`. */
export function connect(text: string): Connected {
  const location = parseLocation(text)
  const connections = createConnections({ location, max: 2, timeoutMs, monotonic: realTime })
  const toFailure = (error: unknown): unknown => {
    if (error instanceof InboxUnavailableError || !isServerFailure(error)) return error
    return (
      asOpenError(error, location) ??
      new InboxOpenError(asUnavailable(error, location).message, { cause: error })
    )
  }
  const converted = async <Result>(work: Promise<Result>): Promise<Result> => {
    try {
      return await work
    } catch (error) {
      throw toFailure(error)
    }
  }
  return {
    location,
    connections: {
      ...connections,
      query: (sql, parameters) => converted(connections.query(sql, parameters)),
      transaction: (run, limitMs) => converted(connections.transaction(run, limitMs)),
    },
  }
}

/**
 * Takes the right to deliver, so that no service does. Waits for the end of the right of a process that was killed. Throws
 * `InboxOpenError` while a service uses the inbox, also one that only takes events.
 */
export async function takeOwnership(query: Query, client: string, shown: string): Promise<Ownership> {
  const ownership = createOwnership({
    query,
    client,
    node: { id: processName(), role: 'deliver', leaseMs, rulesVersion: () => undefined },
    monotonic: realTime,
    onNewEpoch: () => {},
    onChange: () => {},
    onBeat: () => {},
  })
  const giveUpAt = realTime() + leaseMs + 2 * retryMs
  for (;;) {
    await ownership.beat()
    if (ownership.epoch() !== undefined && isAlone(ownership)) return ownership
    if (realTime() >= giveUpAt) {
      await ownership.close()
      throw new InboxOpenError(
        `The inbox ${shown} is in use: stop every process that uses it, then try again`,
      )
    }
    await wait(retryMs)
  }
}

/** Whether no other process was seen lately. Each reports at least every three seconds. */
function isAlone(ownership: Ownership): boolean {
  const nodes = ownership.nodes()
  const now = nodes.find(({ isThis }) => isThis)?.lastSeenAt ?? 0
  return nodes.every(({ isThis, lastSeenAt }) => isThis || now - lastSeenAt > leaseMs)
}

/** Two inboxes have different names. */
export async function nameOf(query: Query, client: string, { shown }: Location): Promise<string> {
  const [row] = await query<{ schema: string }>('SELECT current_schema() AS schema')
  return `postgres://${shown}, schema ${row?.schema}, OAuth client ${client}`
}
