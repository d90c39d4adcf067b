/** What a node does: takes events, delivers them, or both. */
export const roles = ['all', 'ingest', 'deliver'] as const
export type Role = (typeof roles)[number]

/** One process that uses the inbox. */
export interface NodeStatus {
  /** Host and process id. */
  readonly id: string
  readonly role: Role
  /** Epoch ms, by the clock of the server. */
  readonly lastSeenAt: number
  /** Whether it has the right to deliver. */
  readonly delivers: boolean
  /** Undefined: not known yet. */
  readonly rulesVersion: string | undefined
  /** It is this process. */
  readonly isThis: boolean
}

/**
 * The nodes that share an inbox. One of them at a time has the right to deliver, for a lease that it renews; the others stand by.
 * The right ends by itself if it is not renewed, so the node that delivers asks before each call.
 */
export interface Nodes {
  /** Whether this node may start a call now. */
  mayDeliver(): boolean
  /** The number of this node's right to deliver, also while it must wait before its first call. Undefined: another node may have it. */
  epoch(): number | undefined
  /** Calls the listener when `mayDeliver` has changed. At the end, calls under way must be aborted at once. */
  onChange(listener: (mayDeliver: boolean) => void): void
  /** Calls the listener when another node may have set or ended the operator's pause. */
  onPause(listener: () => void): void
  /** Nodes seen in the last ten minutes, as of the last contact with the server. */
  list(): readonly NodeStatus[]
  /** A node that takes over makes no call for that long: the calls of this window are spent, or the API asked for a pause. */
  holdSuccessor(ms: number): void
  /** Gives up the right to deliver, so that another node takes over at once. The inbox stays open. Idempotent. */
  handOver(): Promise<void>
}

/** Whether this node takes all events, as the only one. Absent: it is alone. */
export const seesAllEvents = (nodes: readonly NodeStatus[] = []): boolean =>
  nodes.every(({ isThis }) => isThis)

/** A node that was not seen for this long has ended, or cannot reach the server. */
const seenWithinMs = 60_000

/** The nodes that were seen in the last minute, up to the last contact of any node. */
export function seenLately<Node extends Pick<NodeStatus, 'lastSeenAt'>>(
  nodes: readonly Node[],
): readonly Node[] {
  const latest = Math.max(...nodes.map(({ lastSeenAt }) => lastSeenAt))
  return nodes.filter(({ lastSeenAt }) => latest - lastSeenAt < seenWithinMs)
}

/** How a process takes part. */
export interface NodeOptions {
  readonly id: string
  readonly role: Role
  /** How long a node that died keeps the right to deliver. */
  readonly leaseMs: number
  /** The version of the rules in force. */
  readonly rulesVersion: () => string | undefined
}
