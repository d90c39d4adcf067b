import { z } from 'zod'
import { type NodeStatus, seenLately } from '../inbox/inbox.ts'
import type { Check } from './health-check.ts'

/** The nodes that share the inbox. Undefined: only this one was seen lately. */
export function describeNodes(nodes: readonly NodeStatus[]): Check | undefined {
  const seen = seenLately(nodes)
  const delivers = seen.find((node) => node.delivers)?.id
  const facts = { seen: seen.length, ...(delivers !== undefined && { delivers }) }
  if (delivers === undefined && nodes.length > 0)
    return {
      ok: false,
      ...facts,
      reason: 'No node delivers now',
      remedy: seen.some(({ role }) => role !== 'ingest')
        ? 'Another node takes over when the lease of the last one has ended (OWNERSHIP_LEASE_MS); if none does, check their logs'
        : 'Start a node with ROLE=deliver or ROLE=all',
    }
  if (seen.length < 2) return undefined
  const versions = new Set(seen.flatMap(({ rulesVersion }) => rulesVersion ?? []))
  if (versions.size <= 1) return { ok: true, ...facts }
  const each = seen.flatMap(({ id, rulesVersion }) =>
    rulesVersion === undefined ? [] : [`${id}: ${rulesVersion}`],
  )
  return {
    ok: false,
    ...facts,
    reason: `The nodes have different rules (${each.join(', ')})`,
    remedy:
      'Give all nodes the same RULES_FILE. The node that takes an event decides whether a rule listens to it, and the one that delivers decides the attributes',
  }
}

export const nodesCheck = z
  .object({
    ok: z.boolean(),
    seen: z.int().describe('Nodes seen in the last minute.'),
    delivers: z.string().optional().describe('The node that makes the calls.'),
    reason: z.string().optional(),
    remedy: z.string().optional(),
  })
  .describe('Only with several nodes, or if none delivers.')
