import type { z } from 'zod'
import type { adminStatus, evaluation } from '../admin/admin-schemas.ts'
import type { AuditEntry as Audit } from '../admin/audit.ts'
import type { deadLetterPage, eventDetail, eventPage } from '../admin/event-schemas.ts'
import type { LiveMessages as Messages } from '../admin/live/live-schemas.ts'
import type { rulesAnswer } from '../admin/rules-routes.ts'

/** The answers of the admin routes, as the service describes them. Only types: the browser does not load this file. */
export type AdminStatus = z.infer<typeof adminStatus>
export type EventPage = z.infer<typeof eventPage>
export type EventItem = EventPage['items'][number]
export type EventDetail = z.infer<typeof eventDetail>
export type DeadLetterPage = z.infer<typeof deadLetterPage>
export type DeadLetter = DeadLetterPage['items'][number]
export type RulesAnswer = z.infer<typeof rulesAnswer>
export type Evaluation = z.infer<typeof evaluation>
export type Trace = EventDetail['wouldNow']['trace']
export type RuleTrace = Trace['rules'][number]
export type AuditEntry = Audit
export type LiveMessages = Messages
export type Status = Messages['status']
export type Health = Status['health']
export type Sample = Messages['sample']
