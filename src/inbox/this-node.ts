import { hostname } from 'node:os'
import type { Inbox, NodeOptions, NodeStatus } from './inbox.ts'

interface ThisNodeDeps extends Pick<NodeOptions, 'role' | 'leaseMs'> {
  readonly rules: { current(): { readonly version: string } }
  /** Epoch ms. */
  readonly now: () => number
}

/** What operators see as the name of this process. */
export const processName = (): string => `${hostname()}:${process.pid}`

/** How this process takes part among the nodes that share the inbox. */
export function createThisNode({ rules, now, role, leaseMs }: ThisNodeDeps) {
  const id = processName()
  const rulesVersion = () => rules.current().version
  return {
    id,
    role,
    leaseMs,
    rulesVersion,
    /** Whether this node has the right to deliver. An inbox without nodes belongs to this one. */
    delivers: ({ nodes }: Pick<Inbox, 'nodes'>): boolean =>
      nodes === undefined || nodes.epoch() !== undefined,
    /** All nodes of the inbox. An inbox without nodes has this one. */
    all: ({ nodes }: Pick<Inbox, 'nodes'>): readonly NodeStatus[] =>
      nodes?.list() ?? [
        { id, role, lastSeenAt: now(), delivers: true, rulesVersion: rulesVersion(), isThis: true },
      ],
  }
}
