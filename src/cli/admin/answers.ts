import { z } from 'zod'
import { adminStatus } from '../../admin/admin-schemas.ts'
import { deadLetterDetail, deadLetterPage, eventDetail, eventPage } from '../../admin/event-schemas.ts'
import { count } from '../../http/answer-schemas.ts'

/** The answers of the admin routes, as the service describes them. */
export { adminStatus, deadLetterPage, eventDetail, eventPage }

export type AdminStatus = z.infer<typeof adminStatus>
export type EventPage = z.infer<typeof eventPage>
export type EventItem = EventPage['items'][number]
export type EventDetail = z.infer<typeof eventDetail>
export type DeadLetterPage = z.infer<typeof deadLetterPage>
export type DeadLetterItem = DeadLetterPage['items'][number]

/** A dead letter as `show` prints it. Without `wouldNow` if it comes from the inbox of a stopped service, which has no rules in force. */
export const shownLetter = deadLetterDetail.partial({ wouldNow: true })
export type ShownLetter = z.infer<typeof shownLetter>

/** The answers of the routes that change dead letters, as the number of changed ones. */
export const changeAnswers = {
  replay: z.object({ replayed: count }).transform(({ replayed }) => replayed),
  drop: z.object({ dropped: count }).transform(({ dropped }) => dropped),
}
