import { seenLately } from '../../inbox/inbox.ts'
import type { AdminStatus } from '../admin/answers.ts'

/** The nodes that were seen in the last minute, as lines. Empty: there is one, and it delivers. */
export function formatNodes(nodes: AdminStatus['nodes']): readonly string[] {
  const seen = seenLately(nodes.map((node) => ({ ...node, lastSeenAt: Date.parse(node.lastSeenAt) })))
  const owner = seen.find(({ delivers }) => delivers)
  if (owner !== undefined && seen.length === 1) return []
  const standBys = seen.filter((node) => node !== owner && node.role !== 'ingest').length
  const ingestOnly = seen.filter(({ role }) => role === 'ingest').length
  const parts = [
    owner === undefined ? 'none delivers' : `${owner.id} delivers`,
    ...(standBys === 0 ? [] : [`${standBys} ${standBys === 1 ? 'stands' : 'stand'} by`]),
    ...(ingestOnly === 0 ? [] : [`${ingestOnly} only ${ingestOnly === 1 ? 'takes' : 'take'} events`]),
  ]
  const answering = seen.find(({ answers }) => answers)
  const versions = Map.groupBy(
    seen.filter(({ rulesVersion }) => rulesVersion !== undefined),
    ({ rulesVersion }) => rulesVersion,
  )
  return [
    `${seen.length} seen: ${parts.join(', ')}`,
    ...(versions.size < 2
      ? []
      : [
          `Their rules differ: ${[...versions].map(([version, group]) => `${group.map(({ id }) => id).join(', ')} ${version}`).join('; ')}`,
        ]),
    ...(answering === undefined || answering === owner
      ? []
      : [`Delivery, budget and counts are those of ${answering.id}, which answered and does not deliver`]),
  ]
}
