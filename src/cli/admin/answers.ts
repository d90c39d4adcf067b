import { z } from 'zod'
import { adminStatus } from '../../admin/admin-schemas.ts'
import { deadLetterDetail, deadLetterPage, eventDetail, eventPage } from '../../admin/event-schemas.ts'
import type { DeadLetterMatch } from '../../inbox/inbox.ts'

/** The answers of the admin routes, as the service describes them. */
export { adminStatus, deadLetterPage, eventDetail, eventPage }

export type AdminStatus = z.infer<typeof adminStatus>
export type EventPage = z.infer<typeof eventPage>
export type EventItem = EventPage['items'][number]
export type EventDetail = z.infer<typeof eventDetail>
export type DeadLetterPage = z.infer<typeof deadLetterPage>
export type DeadLetter = DeadLetterPage['items'][number]

/** A dead letter as `show` prints it. A stopped service has no rules in force. */
export const shownLetter = deadLetterDetail.partial({ wouldNow: true })
export type ShownLetter = z.infer<typeof shownLetter>

/** Dead letters to replay or drop. `since` is epoch ms, as in the inbox. */
export type Selection = { readonly ids: readonly string[] } | { readonly all: true } | DeadLetterMatch

const changed = z.int().min(0)

/** The answers of replay and drop: the number of dead letters. */
export const changes = {
  replay: z.object({ replayed: changed }).transform(({ replayed }) => replayed),
  drop: z.object({ dropped: changed }).transform(({ dropped }) => dropped),
}
