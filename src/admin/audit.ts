import type { FastifyRequest } from 'fastify'
import { z } from 'zod'

/** A changing call of an operator, as its log line has it. */
export const auditEntry = z
  .object({
    at: z.iso.datetime(),
    from: z.string().describe('The address of the client.'),
    message: z.string().describe('The message of the log line.'),
    fields: z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
      .describe('The other fields of the log line.'),
  })
  .meta({ id: 'AuditEntry', description: 'A change that an operator made.' })

export type AuditEntry = z.infer<typeof auditEntry>

export interface AuditTrail {
  /** Writes the log line and keeps it. */
  record(request: FastifyRequest, level: 'info' | 'warn', message: string, fields: AuditEntry['fields']): void
  /** The last changes since the process started, newest first. */
  recent(): readonly AuditEntry[]
}

const maxEntries = 50

/** `onRecorded`: called after each change. */
export function createAuditTrail(now: () => number, onRecorded: () => void = () => {}): AuditTrail {
  let entries: readonly AuditEntry[] = []
  return {
    record: (request, level, message, fields) => {
      request.log[level]({ from: request.ip, ...fields }, message)
      const entry = { at: new Date(now()).toISOString(), from: request.ip, message, fields }
      entries = [entry, ...entries].slice(0, maxEntries)
      onRecorded()
    },
    recent: () => entries,
  }
}
