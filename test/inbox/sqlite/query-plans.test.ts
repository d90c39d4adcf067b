import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, mock, test } from 'node:test'
import Database from 'better-sqlite3'
import { newEvent } from '../../helpers/conversation-events.ts'
import { temporaryFolder } from '../../helpers/folder.ts'
import { open } from './harness.ts'

/** These statements run once, at open, and may read everything. */
const atOpen = (sql: string) =>
  /count\(|FROM \(SELECT 0 AS sequence|max\(accepted_at\), 0|FROM hash_seed|FROM index_segments/.test(sql)

/** Every statement of the inbox, with its query plan over a few thousand events. */
async function explainAll(): Promise<Map<string, string[]>> {
  const file = join(await temporaryFolder({ after }), 'inbox.db')
  const spy = mock.method(Database.prototype, 'prepare')
  const inbox = open(file)
  const statements = spy.mock.calls.map((call) => call.arguments[0])
  spy.mock.restore()
  await inbox.append(
    Array.from({ length: 3_000 }, (_, n) => newEvent(`e${n}`, { participantId: `p${n % 1_000}` })),
  )
  await inbox.close()
  const database = new Database(file)
  after(() => database.close())
  database.exec('ANALYZE')
  const explained = new Map<string, string[]>()
  for (const sql of statements) {
    if (!/^\s*(SELECT|UPDATE|DELETE|INSERT)/.test(sql) || atOpen(sql)) continue
    const parameters = [...sql.matchAll(/\?/g)].map(() => null)
    const rows = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...parameters) as { detail: string }[]
    explained.set(
      sql.replaceAll(/\s+/g, ' ').trim(),
      rows.map(({ detail }) => detail),
    )
  }
  return explained
}

const explained = await explainAll()

test('no statement reads a whole table or sorts', () => {
  assert.ok(explained.size >= 20, `${explained.size} statements`)
  for (const [sql, steps] of explained) {
    for (const step of steps) {
      assert.doesNotMatch(step, /^SCAN (?!.*USING (COVERING )?INDEX)(?!\(subquery|CONSTANT ROW)/, sql)
      assert.doesNotMatch(step, /TEMP B-TREE|AUTOMATIC/, sql)
    }
  }
})

for (const [what, sql, index] of [
  [
    'the most urgent participants',
    /^SELECT id, .* WHERE due_at IS NULL ORDER BY priority/,
    'participants_claimable',
  ],
  [
    'the longest waiting participants',
    /^SELECT id, .* WHERE due_at IS NULL AND priority < 3 ORDER BY first_sequence/,
    'participants_oldest',
  ],
  [
    'the events of a participant',
    /^SELECT sequence, accepted_at AS acceptedAt, event, .* FROM events/,
    'events_of_participant',
  ],
  [
    'an event by its sequence',
    /^SELECT sequence, identity, state FROM events WHERE sequence = \?/,
    'INTEGER PRIMARY KEY',
  ],
  ['a participant', /^SELECT id FROM participants WHERE id = \? AND .* AND/, 'INTEGER PRIMARY KEY'],
  ['a known value', /^SELECT id, attribute, .* FROM known_values WHERE id = \?/, 'INTEGER PRIMARY KEY'],
  [
    'events that no stored segment covers',
    /^SELECT identity AS text, .* sequence > \?/,
    'INTEGER PRIMARY KEY',
  ],
  ['overdue events', /^SELECT e\.sequence, e\.participant, .* < \?/, 'events_pending'],
  ['the next due time', /^SELECT \(SELECT min\(due_at\)/, 'participants_deferred'],
  ['participants that are due', /^UPDATE participants SET due_at = NULL/, 'participants_deferred'],
  ['the oldest live event', /^SELECT ifnull.* replayed_at IS NULL/, 'events_pending'],
  ['the oldest replayed event', /^SELECT ifnull.* replayed_at IS NOT NULL/, 'events_pending'],
  ['settled events to prune', /^DELETE FROM events WHERE sequence IN/, 'events_settled'],
  ['known values to prune', /^DELETE FROM known_values/, 'known_values_age'],
  ['dead letters', /^SELECT .* WHERE e\.state = 'dead' AND e\.sequence > \?/, 'events_dead'],
  ['one dead letter', /^SELECT .* WHERE e\.state = 'dead' AND e\.sequence = \?/, 'INTEGER PRIMARY KEY'],
  ['dead letters, newest first', /^SELECT .* WHERE state = 'dead' AND sequence < \?/, 'events_dead'],
  ['events, newest first', /^SELECT sequence, state FROM events/, 'INTEGER PRIMARY KEY'],
  ['a record', /^SELECT sequence, previous FROM records/, 'INTEGER PRIMARY KEY'],
  ['the records of a PATCH', /^SELECT sequence FROM records WHERE id BETWEEN/, 'INTEGER PRIMARY KEY'],
  ['records to prune', /^DELETE FROM records/, 'INTEGER PRIMARY KEY'],
  ['decisions to prune', /^DELETE FROM decisions/, 'decisions_age'],
] as const) {
  test(`an index finds ${what}`, () => {
    const found = [...explained].filter(([statement]) => sql.test(statement))
    assert.equal(found.length, 1, `statements like ${sql}`)
    const [[, steps] = ['', []]] = found
    assert.ok(
      steps.some((step) => new RegExp(`USING (COVERING )?(INDEX )?${index}\\b`).test(step)),
      steps.join('\n'),
    )
  })
}
