import { eventView, isoTime, timelineOf } from '../../admin/event-views.ts'
import { findDeadLetters, readDeadLetterPage } from '../../admin/find-dead-letters.ts'
import { readPaths } from '../../config/config.ts'
import { type DeadLetterSelection, type Inbox, InboxOpenError } from '../../inbox/inbox.ts'
import { openInbox, readRecordedEvents } from '../../inbox/open-inbox.ts'
import { withoutUndefined } from '../../values/without-undefined.ts'
import { deadLetterCounts, deadLetterPage, shownLetter } from '../admin/answers.ts'
import { readPages } from '../admin/pages.ts'
import { CommandFailure } from '../command-failure.ts'
import { quoted } from '../format.ts'
import { notADeadLetter } from './not-a-dead-letter.ts'
import { reportChanged } from './report-changed.ts'
import type { Selection } from './selection.ts'
import type { DeadLetterSource } from './source.ts'

/** Calls `work` with the dead letters of an inbox that no process has open. */
export async function withStore<T>(url: string, work: (source: DeadLetterSource) => Promise<T>): Promise<T> {
  const inbox = await open(url)
  try {
    return await work(storedLetters(inbox))
  } finally {
    await inbox.close()
  }
}

async function open(url: string): Promise<Inbox> {
  try {
    // Throws if there is no inbox, where openInbox would create one.
    for await (const _ of await readRecordedEvents(url, { limit: 1 })) break
    return await openInbox({
      url,
      client: readPaths().client,
      maxPending: Number.MAX_SAFE_INTEGER,
      now: Date.now,
    })
  } catch (error) {
    if (!(error instanceof InboxOpenError)) throw error
    throw new CommandFailure({
      code: 'store_unavailable',
      message: error.message,
      remedy:
        'Nothing is changed. --store is for the inbox of a stopped service: leave it out to use the running one.',
    })
  }
}

function storedLetters(inbox: Inbox): DeadLetterSource {
  /** Like the admin routes: by identity, else by the id that the sender gave the event. */
  const find = async (id: string) => ((await inbox.event(id)) ?? (await inbox.event(`id:${id}`)))?.history

  async function toInboxSelection(
    selection: Selection,
  ): Promise<{ readonly selected: DeadLetterSelection; readonly skipped: readonly string[] }> {
    if (!('ids' in selection)) return { selected: selection, skipped: [] }
    const { identities, skipped } = await findDeadLetters(inbox, selection.ids)
    return { selected: { identities }, skipped }
  }

  return {
    list: (match, limit) =>
      readPages(limit, async (page) => {
        const query = { ...match, ...withoutUndefined({ after: page.cursor }), limit: page.limit }
        return deadLetterPage.parse(await readDeadLetterPage(inbox, query))
      }),
    counts: async (match) => deadLetterCounts.parse(await inbox.countDeadLetters(match)),
    show: async (id) => {
      const history = await find(id)
      if (history === undefined) throw noDeadLetter(id)
      if (history.state !== 'dead') throw notADeadLetter({ id: history.event.identity, state: history.state })
      const diedAt = isoTime(history.settledAt)
      return shownLetter.parse({ ...eventView(history), diedAt, timeline: timelineOf(history) })
    },
    change: async (what, selection, progress) => {
      const { selected, skipped } = await toInboxSelection(selection)
      const countDead = async () => (await inbox.stats()).dead
      const changed = await reportChanged(() => inbox[what](selected), { selection, countDead, progress })
      return { changed, skipped }
    },
  }
}

const noDeadLetter = (id: string): CommandFailure =>
  new CommandFailure({
    code: 'event_not_found',
    message: `No dead letter has the id ${quoted(id)}`,
    remedy: 'Take ids from "dead-letters list".',
  })
