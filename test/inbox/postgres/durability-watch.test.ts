import assert from 'node:assert/strict'
import { mock, type TestContext, test } from 'node:test'
import type { InboxOpenError, ServerNotice } from '../../../src/inbox/inbox.ts'
import type { Query } from '../../../src/inbox/postgres/connections.ts'
import { createDurabilityWatch } from '../../../src/inbox/postgres/durability-watch.ts'

const settings = {
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  synchronous_standby_names: 'standby',
}

function watch(t: TestContext, requireSyncStandby: boolean) {
  const server = { ...settings }
  const notices: ServerNotice[] = []
  const query = (async () => [server]) as unknown as Query
  const durability = createDurabilityWatch({
    query,
    shown: 'db:5432/inbox',
    requireSyncStandby,
    onServerNotice: (notice) => notices.push(notice),
    everyMs: 30_000,
  })
  t.after(durability.stop)
  return { server, notices, durability }
}

test('a server that another one replaces in a failover is looked at again', async (t) => {
  mock.timers.enable({ apis: ['setInterval'] })
  t.after(() => mock.timers.reset())
  const { server, notices, durability } = watch(t, true)
  await durability.read()
  durability.start()
  assert.equal(durability.current()?.survives, 'failover')
  server.synchronous_standby_names = ''
  mock.timers.tick(30_000)
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(durability.current()?.survives, 'power_cut')
  assert.match(durability.current()?.warnings[0] ?? '', /No synchronous standby .* any more/)
  mock.timers.tick(30_000)
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(notices.length, 1, 'told once')
})

test('a required standby that is missing at the start is an error', async (t) => {
  const { server, durability } = watch(t, true)
  server.synchronous_standby_names = ''
  await assert.rejects(durability.read(), ({ message }: InboxOpenError) =>
    /STORE_REQUIRE_SYNC_STANDBY/.test(message),
  )
})
