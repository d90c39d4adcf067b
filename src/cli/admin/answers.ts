import { z } from 'zod'
import { adminStatus } from '../../admin/admin-schemas.ts'
import { pauseAnswer } from '../../admin/delivery-routes.ts'
import {
  deadLetterCounts,
  deadLetterDetail,
  deadLetterPage,
  eventDetail,
  eventPage,
} from '../../admin/event-schemas.ts'
import { count } from '../../http/answer-schemas.ts'

/** The answers of the admin routes, as the service describes them. */
export { adminStatus, deadLetterCounts, deadLetterPage, eventDetail, eventPage, pauseAnswer }

export type PauseAnswer = z.infer<typeof pauseAnswer>
export type AdminStatus = z.infer<typeof adminStatus>
export type EventPage = z.infer<typeof eventPage>
export type EventItem = EventPage['items'][number]
export type EventDetail = z.infer<typeof eventDetail>
export type DeadLetterPage = z.infer<typeof deadLetterPage>
export type DeadLetterCounts = z.infer<typeof deadLetterCounts>
export type DeadLetterItem = DeadLetterPage['items'][number]

/** A dead letter as `show` prints it. Without `wouldNow` if it comes from the inbox of a stopped service, which has no rules in force. */
export const shownLetter = deadLetterDetail.partial({ wouldNow: true, replacedBy: true })
export type ShownLetter = z.infer<typeof shownLetter>

const skipped = z.array(z.string()).default([])

/** The answers of the routes that change dead letters: the number of changed ones, and the ids that are not those of dead letters. */
export const changeAnswers = {
  replay: z
    .object({ replayed: count, skipped })
    .transform(({ replayed, ...rest }) => ({ changed: replayed, ...rest })),
  drop: z
    .object({ dropped: count, skipped })
    .transform(({ dropped, ...rest }) => ({ changed: dropped, ...rest })),
}
