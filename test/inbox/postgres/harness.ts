import type { Inbox, ServerNotice } from '../../../src/inbox/inbox.ts'
import { openPostgresInbox, type PostgresInboxOptions } from '../../../src/inbox/postgres/postgres.ts'
import type { Owner } from '../../helpers/folder.ts'

/** The URL without its scheme, as the engine takes it. */
export const locationOf = (url: string): string => url.replace(/^postgres:/, '')

/** Opens the inbox and closes it after the test. `notices`: what it would log. */
export async function open(
  t: Owner,
  url: string,
  options: Partial<PostgresInboxOptions> = {},
): Promise<{ inbox: Inbox; notices: ServerNotice[] }> {
  const notices: ServerNotice[] = []
  const inbox = await openPostgresInbox({
    location: locationOf(url),
    client: 'demo',
    maxPending: 100_000,
    now: Date.now,
    onServerNotice: (notice) => notices.push(notice),
    ...options,
  })
  t.after(() => inbox.close())
  return { inbox, notices }
}
