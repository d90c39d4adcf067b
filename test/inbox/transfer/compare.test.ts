import assert from 'node:assert/strict'
import { test } from 'node:test'
import Database from 'better-sqlite3'
import { knownValue } from '../../conformance/inbox/harness.ts'
import { newEvent } from '../../helpers/conversation-events.ts'
import { manualClock } from '../../simulator/harness.ts'
import { copy, newFile, open } from './harness.ts'

test('a copy that differs names the rows, opens for no service, and is begun again by the next run', async (t) => {
  const clock = manualClock()
  const [from, to] = [await newFile(t), await newFile(t)]
  const original = await open(from, clock)
  const identities = ['e1', 'e2', 'e3', 'e4', 'e5', 'e6', 'e7', 'e8', 'e9']
  await original.append(identities.map((identity) => newEvent(identity)))
  const [claim] = await original.claim({ limit: 1, leaseMs: 1_000 })
  assert.ok(claim)
  await original.settle(claim, { outcomes: [], known: new Map([['tier', knownValue('gold')]]) })
  await original.close()

  const tamper = () => {
    const database = new Database(to.replace('sqlite:', ''))
    database.exec("UPDATE events SET event = replace(event, 'e2', 'e-two') WHERE identity = 'e2'")
    database.exec("DELETE FROM events WHERE identity IN ('e4', 'e5')")
    database.close()
  }
  await assert.rejects(
    copy(from, to, {
      onProgress: (step) => {
        if (step === 'compared') throw new Error('interrupted')
      },
    }),
    /interrupted/,
  )
  tamper()
  const { differences } = await copy(from, to)
  assert.deepEqual(differences, ['events: 9 in FROM, 7 in TO: e2, e4, e5'])
  await assert.rejects(open(to, clock), /unfinished copy/)
  assert.deepEqual((await copy(from, to)).differences, [])
  const copied = await open(to, clock)
  t.after(() => copied.close())
  assert.equal((await copied.stats()).pending, 9)
})

test('a known value is named without its value', async (t) => {
  const clock = manualClock()
  const [from, to] = [await newFile(t), await newFile(t)]
  const original = await open(from, clock)
  await original.append([newEvent('e1')])
  const [claim] = await original.claim({ limit: 1, leaseMs: 1_000 })
  assert.ok(claim)
  await original.settle(claim, { outcomes: [], known: new Map([['tier', knownValue('gold')]]) })
  await original.close()
  let isTampered = false
  const { differences } = await copy(from, to, {
    onProgress: (step) => {
      if (step === 'copied' || isTampered) return
      isTampered = true
      const database = new Database(to.replace('sqlite:', ''))
      database.exec("UPDATE known_values SET value = 'silver'")
      database.close()
    },
  })
  assert.deepEqual(differences, ['known values: the same number, but different contents: tier of c1/p1'])
})
