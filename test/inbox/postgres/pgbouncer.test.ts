import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { newEvent } from '../../helpers/conversation-events.ts'
import { skipWithoutPgBouncer, startPgBouncer } from '../../helpers/pgbouncer.ts'
import { role, schemaOf, startPostgres } from '../../helpers/postgres.ts'
import { until } from '../../helpers/wait.ts'
import { open } from './harness.ts'

test('the inbox works through PgBouncer in transaction mode', { skip: skipWithoutPgBouncer }, async (t) => {
  const server = await startPostgres({ after })
  const url = await server.createStore()
  const schema = schemaOf(url)
  // PgBouncer accepts no search_path from its clients.
  await server.admin(`ALTER ROLE ${role.name} SET search_path = ${schema}`)
  const { port } = await startPgBouncer(t, server)
  const pooled = url.replace(`:${server.port}`, `:${port}`).replace(/\?.*/, '')
  const { inbox } = await open(t, pooled)
  await until('open', () =>
    inbox.checkWritable().then(
      () => true,
      () => false,
    ),
  )
  const numbers = Array.from({ length: 100 }, (_, n) => n)
  const appended = numbers.map((n) => inbox.append([newEvent(`e${n}`, { participantId: `p${n % 20}` })]))
  let settled = 0
  while (settled < numbers.length) {
    const claims = await inbox.claim({ limit: 5, leaseMs: 60_000 })
    const work = claims.map(async (claim) => {
      const outcomes = claim.events.map(({ sequence }) => ({ sequence, state: 'unchanged' as const }))
      assert.equal(await inbox.settle(claim, { outcomes }), 'settled')
      settled += outcomes.length
    })
    await Promise.all([...work, inbox.stats(), inbox.events({ limit: 5 })])
  }
  await Promise.all(appended)
  assert.equal((await inbox.stats()).pending, 0)
  const locks = await server.admin("SELECT FROM pg_locks WHERE locktype = 'advisory'")
  assert.deepEqual(locks, [])
})
