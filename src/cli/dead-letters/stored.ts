import { readDeadLetterPage } from '../../admin/dead-letter-page.ts'
import { eventView, isoTime, timelineOf } from '../../admin/event-views.ts'
import { readPaths } from '../../config/config.ts'
import { type DeadLetterSelection, type Inbox, InboxOpenError } from '../../inbox/inbox.ts'
import { openInbox, readRecordedEvents } from '../../inbox/open-inbox.ts'
import { withoutUndefined } from '../../values/without-undefined.ts'
import { deadLetterPage, shownLetter } from '../admin/answers.ts'
import { readPages } from '../admin/pages.ts'
import { CommandFailure } from '../command-failure.ts'
import { quoted } from '../format.ts'
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

  async function toInboxSelection(selection: Selection): Promise<DeadLetterSelection> {
    if (!('ids' in selection)) return selection
    const found = await Promise.all(selection.ids.map(find))
    return { identities: found.flatMap((history) => (history === undefined ? [] : [history.event.identity])) }
  }

  return {
    list: (filter, limit) =>
      readPages(limit, async (page) => {
        const query = { ...withoutUndefined({ ...filter, after: page.cursor }), limit: page.limit }
        return deadLetterPage.parse(await readDeadLetterPage(inbox, query))
      }),
    show: async (id) => {
      const history = await find(id)
      if (history?.state !== 'dead') throw noDeadLetter(id)
      const diedAt = isoTime(history.settledAt)
      return shownLetter.parse({ ...eventView(history), diedAt, timeline: timelineOf(history) })
    },
    change: async (what, selection, progress) => {
      const selected = await toInboxSelection(selection)
      const countDead = async () => (await inbox.stats()).dead
      return reportChanged(() => inbox[what](selected), { selection, countDead, progress })
    },
  }
}

const noDeadLetter = (id: string): CommandFailure =>
  new CommandFailure({
    code: 'event_not_found',
    message: `No dead letter has the id ${quoted(id)}`,
    remedy: 'Take ids from "dead-letters list".',
  })
