import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { skipWithoutPostgres, startPostgres } from '../../helpers/postgres.ts'
import { createFilledStore } from './filled-store.ts'
import { calls, createReader } from './statement-reads.ts'

const rows = 30_000
/** Of one index in one call. An index of pending events or dead letters has 6,000 entries. */
const mostEntries = 500

describe('index entries that a call reads', { skip: skipWithoutPostgres }, async () => {
  if (skipWithoutPostgres !== false) return
  // Autovacuum would renew the old statistics.
  const server = await startPostgres({ after }, { fsync: 'off', autovacuum: 'off' })
  const [{ version } = { version: 0 }] = await server.admin<{ version: number }>(
    "SELECT current_setting('server_version_num')::int AS version",
  )
  const skip = version < 150_000 && 'PostgreSQL before 15 does not report what it read on demand'

  for (const statistics of ['current', 'old'] as const)
    test(`with ${statistics} statistics, each call uses its indexes and reads few rows`, {
      skip,
    }, async (t) => {
      const store = await createFilledStore(t, server, { rows, statistics })
      const { readsOf } = await createReader(t, server, store)
      const used = new Set<string>()
      for (const [name, { run, indexes, most = mostEntries }] of Object.entries(calls)) {
        const { sequential, entries } = await readsOf(run)
        assert.equal(sequential, 0, `${name}: sequential scan`)
        for (const [index, count] of entries) {
          used.add(`inbox_${index}`)
          assert.ok(indexes.includes(index), `${name} reads ${count} entries of ${index}`)
          assert.ok(count <= most, `${name} reads ${count} entries of ${index}`)
        }
      }
      const all = await server.admin<{ name: string }>(
        `SELECT indexname AS name FROM pg_indexes WHERE schemaname = $1
           AND tablename IN ('inbox_events', 'inbox_participants', 'inbox_known_values')`,
        [store.schema],
      )
      assert.deepEqual([...used].sort(), all.map(({ name }) => name).sort(), 'every index is used')
    })
})
