import { type NodeStatus, roles, seenLately } from '../inbox/inbox.ts'
import { byLabel, type Family, gauge } from './families.ts'

export interface NodeReadings {
  /** All nodes of the inbox. */
  readonly nodes: () => readonly NodeStatus[]
  /** Whether this node has the right to deliver. */
  readonly delivers: () => boolean
}

export const nodeFamilies = ({ nodes, delivers }: NodeReadings): readonly Family[] => [
  gauge(
    'nodes',
    'Nodes that share the inbox and were seen in the last minute, by role. Every node exports the same numbers.',
    byLabel('role', () => {
      const seen = seenLately(nodes())
      return roles.map((role) => [role, seen.filter((node) => node.role === role).length])
    }),
  ),
  gauge('delivers', '1 if this node has the right to deliver, 0 if it stands by or takes events only.', () =>
    delivers() ? 1 : 0,
  ),
]
