import { z } from 'zod'
import { health } from '../../health/health-schemas.ts'
import { count } from '../../http/answer-schemas.ts'
import { adminStatus } from '../admin-schemas.ts'
import { auditEntry } from '../audit.ts'

const time = z.iso.datetime()
const delay = z.number().min(0).nullable()

export const sample = z
  .object({
    at: time.describe('The end of the interval.'),
    accepted: count,
    applied: count,
    unchanged: count,
    dead: count,
    calls: count.describe('Finished API calls.'),
    rateLimited: count.describe('429 answers.'),
    pending: count.nullable().describe('`null` while the inbox cannot be read.'),
    oldestPendingMs: delay.describe('0 if no event is pending.'),
    p50Ms: delay.describe('Median time from acceptance to `applied`; `null` if no event was applied.'),
    p95Ms: delay.describe('95 of 100 of these events took at most this time.'),
    recentP50Ms: delay.describe('As `p50Ms`, of the last 5 minutes.'),
    recentP95Ms: delay.describe('As `p95Ms`, of the last 5 minutes.'),
  })
  .meta({ id: 'Sample', description: 'The counts of an interval, and the state at its end.' })

export type Sample = z.infer<typeof sample>

/** The data of each event of the stream, by its name. */
export const liveMessages = {
  start: z.object({
    startedAt: time.describe('When this process started: another time means that the service restarted.'),
    intervalMs: count,
    samples: z.array(sample).describe('The last hour, oldest first.'),
  }),
  status: z.object({
    at: time,
    status: adminStatus.nullable().describe('`null` while the inbox cannot be read.'),
    health,
    audit: z.array(auditEntry).describe('The last changes by operators since the start, newest first.'),
  }),
  sample,
  stopping: z.object({}),
} as const

export type LiveMessages = {
  readonly [Name in keyof typeof liveMessages]: z.infer<(typeof liveMessages)[Name]>
}
