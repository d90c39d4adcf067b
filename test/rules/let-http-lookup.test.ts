import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { decideWithLookups } from '../../src/rules/decide-with-lookups.ts'
import type { EventFacts } from '../../src/rules/decision.ts'
import { loadRules } from '../../src/rules/load-rules.ts'
import { serve } from '../genesys/harness.ts'
import { conversationEvent } from '../helpers/events.ts'
import { temporaryFolder } from '../helpers/folder.ts'
import { attributesIn } from '../helpers/rules.ts'

const noFacts: EventFacts = { participants: undefined, known: new Map(), at: 0 }

/** Rules from a file whose name `caller` is the row of a real HTTP server, which notes the keys that it is asked for. */
async function setUp(t: TestContext, onError: 'skip' | 'retry' = 'skip') {
  const asked: string[] = []
  let status = 200
  const { url } = await serve(t, (request, response) => {
    asked.push(decodeURIComponent(request.url ?? '').slice('/customers/'.length))
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ tier: 'gold', key: 'crm-7' }))
  })
  const file = join(await temporaryFolder(t), 'rules.yaml')
  await writeFile(
    file,
    `version: 1
lookups:
  crm: { url: "${url}/customers/{key}", allowPrivate: true, onError: ${onError} }
let: { caller: 'lookup("crm", participant.address)' }
rules:
  - { name: tier, on: "*", when: participant.purpose == "customer" && caller.tier != "", set: { tier: "\${caller.tier}" } }
  - { name: key, on: "*", when: participant.purpose == "customer" && caller.key != "", set: { key: "\${caller.key}" } }
  - { name: always, on: "*", set: { seen: true } }
`,
  )
  const loaded = await loadRules(file)
  assert.ok(loaded.kind === 'ok', loaded.kind === 'invalid' ? loaded.problems.join('\n') : '')
  t.after(loaded.rules.close)
  const { rules } = loaded
  return {
    asked,
    answerWith: (code: number) => {
      status = code
    },
    decide: (purpose: string, address: string) =>
      decideWithLookups(rules, conversationEvent({ participant: { purpose, address } }), noFacts),
    explain: (purpose: string, address: string) =>
      rules
        .explain(conversationEvent({ participant: { purpose, address } }), noFacts)
        .rules.map(({ rule, result, code, names }) => ({ rule, result, code, names })),
  }
}

test('a name with an HTTP lookup makes one call per event, however often rules read it', async (t) => {
  const { asked, decide, explain } = await setUp(t)
  const decision = await decide('customer', 'tel:+1')
  assert.deepEqual(attributesIn(decision), { tier: 'gold', key: 'crm-7', seen: 'true' })
  assert.deepEqual(asked, ['tel:+1'])
  await decide('customer', 'tel:+2')
  assert.deepEqual(asked, ['tel:+1', 'tel:+2'])
  assert.deepEqual(explain('customer', 'tel:+1')[0]?.names, [{ name: 'caller' }])
})

test('a name that no rule reads makes no call', async (t) => {
  const { asked, decide, explain } = await setUp(t)
  assert.deepEqual(attributesIn(await decide('agent', 'tel:+1')), { seen: 'true' })
  assert.deepEqual(explain('agent', 'tel:+1')[0]?.names, undefined)
  assert.deepEqual(asked, [])
})

test('with onError skip, a failed lookup behind a name reads as a missing row', async (t) => {
  const { asked, answerWith, decide, explain } = await setUp(t)
  answerWith(500)
  const decision = await decide('customer', 'tel:+1')
  assert.deepEqual([attributesIn(decision), decision.needs, decision.blocked], [{ seen: 'true' }, [], []])
  assert.deepEqual(asked, ['tel:+1'])
  assert.deepEqual(
    explain('customer', 'tel:+1').map(({ result }) => result),
    ['unmatched', 'unmatched', 'matched'],
  )
})

test('with onError retry, a failed lookup behind a name leaves its rules without a decision', async (t) => {
  const { asked, answerWith, decide, explain } = await setUp(t, 'retry')
  answerWith(500)
  const decision = await decide('customer', 'tel:+1')
  assert.deepEqual(decision.matched, ['always'])
  assert.deepEqual(decision.blocked, [
    { rule: 'tier', code: 'lookup_failed' },
    { rule: 'key', code: 'lookup_failed' },
  ])
  assert.deepEqual(asked, ['tel:+1'])
  assert.deepEqual(
    explain('customer', 'tel:+1').map(({ rule, result, code, names }) => [rule, result, code, names]),
    [
      ['tier', 'blocked', 'lookup_failed', undefined],
      ['key', 'blocked', 'lookup_failed', undefined],
      ['always', 'matched', undefined, undefined],
    ],
  )
})
