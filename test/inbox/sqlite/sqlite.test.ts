import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqliteInbox } from '../../../src/inbox/sqlite/sqlite.ts'
import { inboxConformance } from '../../conformance/inbox.ts'

inboxConformance(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'genesys-enricher-test-'))
  return {
    open: async (options) => openSqliteInbox({ file: join(folder, 'inbox.db'), ...options }),
    remove: () => rm(folder, { recursive: true }),
  }
})
