import assert from 'node:assert/strict'
import { test } from 'node:test'
import { count } from '../../src/metrics/totals.ts'
import { canonicalItem } from '../helpers/events.ts'
import { openAdmin } from './harness.ts'

const rules = `
version: 1
rules:
  - { name: tag, on: ["*"], when: 'participant.purpose == "customer"', priority: high, set: { tier: gold, vip: true } }
  - { name: far, on: [acd.start], target: 'candidate.purpose == "agent"', set: { queue: x } }
`

const other = `
version: 1
lookups:
  tiers: { url: "https://hidden.example/{key}" }
rules:
  - { name: tag, on: ["*"], set: { tier: silver } }
`

test('the rules in force have their parts and counts', async (t) => {
  const { get, details } = await openAdmin(t, { rules })
  count(details.matched, 'tag', 3)
  count(details.undecided, 'tag', 2)
  count(details.failed, 'tag')
  const { body } = await get('/admin/rules')
  assert.deepEqual(body.rules, [
    {
      name: 'tag',
      on: ['*'],
      when: 'participant.purpose == "customer"',
      target: null,
      priority: 'high',
      sets: ['tier', 'vip'],
      matched: 3,
      undecided: 2,
      failed: 1,
    },
    {
      name: 'far',
      on: ['acd.start'],
      when: null,
      target: 'candidate.purpose == "agent"',
      priority: 'normal',
      sets: ['queue'],
      matched: 0,
      undecided: 0,
      failed: 0,
    },
  ])
  assert.equal(body.text, rules)
  assert.deepEqual([body.stale, body.tables], [false, []])
})

test('an evaluation with rules uses them once, and the rules in force stay', async (t) => {
  const { post, get } = await openAdmin(t, { rules })
  const event = canonicalItem()
  const tried = await post('/admin/rules/evaluate', { event, rules: other })
  assert.deepEqual(tried.body.results[0].changes[0].attributes, { tier: 'silver' })
  assert.equal(tried.body.envelope, 'canonical')
  const inForce = await post('/admin/rules/evaluate', { event })
  assert.deepEqual(inForce.body.results[0].changes[0].attributes, { tier: 'gold', vip: 'true' })
  assert.notEqual(tried.body.version, inForce.body.version)
  assert.equal((await get('/admin/rules')).body.text, rules)
})

test('a lookup that the rules in force do not have reads as a missing row: no file or API is read', async (t) => {
  const { post } = await openAdmin(t, { rules })
  const event = canonicalItem()
  const withFile = `
version: 1
lookups:
  users: { file: /etc/passwd, key: user, format: csv }
  crm: { url: "http://127.0.0.1:9/{key}", allowPrivate: true, onError: retry }
rules:
  - { name: tag, on: ["*"], set: { user: '\${lookup("users", "root").user}', crm: '\${lookup("crm", "x").tier}' } }
`
  const { status, body } = await post('/admin/rules/evaluate', { event, rules: withFile })
  assert.equal(status, 200, JSON.stringify(body))
  assert.deepEqual(body.results[0].needs, [])
  assert.deepEqual(body.results[0].changes[0]?.attributes, { user: '', crm: '' })
})

test('rules with mistakes answer 422 with line and column of each', async (t) => {
  const { post } = await openAdmin(t, { rules })
  const wrong =
    'version: 1\nrules:\n  - { name: a, on: ["*"], set: { b: "${nothing.x}" } }\n  - { name: c, on: ["*"] }\n'
  const { status, body } = await post('/admin/rules/evaluate', { event: canonicalItem(), rules: wrong })
  assert.deepEqual([status, body.code], [422, 'rules_not_valid'])
  assert.deepEqual(
    body.errors.map(({ message }: { message: string }) => message.split(' ')[0]),
    ['rules:3:40', 'rules:4:5'],
  )
})

test('rules of another type or too many characters are refused', async (t) => {
  const { post } = await openAdmin(t, { rules })
  for (const wrong of [5, null, 'x'.repeat(200_001)]) {
    const { status, body } = await post('/admin/rules/evaluate', { event: canonicalItem(), rules: wrong })
    assert.ok(status === 400 || status === 413, `${status} ${body.code}`)
  }
})

test('regression: an object whose length is no number answered 500 where text or a list belongs', async (t) => {
  const { post } = await openAdmin(t, { rules })
  const odd = { length: { toString: 1 } }
  for (const [path, body, field] of [
    ['/admin/rules/evaluate', { event: canonicalItem(), rules: odd }, /rules/],
    ['/admin/dead-letters/replay', { ids: odd }, /ids/],
    ['/admin/dead-letters/drop', { code: odd }, /code|ids/],
    ['/admin/delivery/pause', { reason: odd }, /reason/],
  ] as const) {
    const answer = await post(path, body)
    assert.equal(answer.status, 400, `${path} ${JSON.stringify(answer.body)}`)
    assert.equal(answer.body.code, 'invalid_request')
    assert.match(answer.body.detail, field)
  }
})
