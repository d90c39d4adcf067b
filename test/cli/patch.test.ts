import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startConnectProxy } from '../helpers/connect-proxy.ts'
import { agents, conversation, customer, errorIn, onCustomer, setUp, setVip } from './patch-harness.ts'

for (const profile of ['platform', 'tutorial'] as const) {
  test(`${profile}: it sets every attribute in one PATCH and prints names, not values`, async (t) => {
    const { patch, attributesOf, calls } = await setUp(t, { profile })
    const args = [...onCustomer, ...setVip, '--set', 'support_tier=platinum']
    assert.deepEqual(await patch(args), {
      code: 0,
      stdout:
        'Set vip_status, support_tier on participant participant-1 (customer) of conversation conversation-1.\nTo see the values, read participants[].attributes of the conversation in the API Explorer, or use Get Participant Data in Architect.\n',
      stderr: '',
    })
    assert.deepEqual(attributesOf(customer), { vip_status: 'true', support_tier: 'platinum' })
    const participant = `/api/v2/conversations/conversation-1/participants/${customer}`
    assert.deepEqual(
      [...calls('GET'), ...calls('PATCH')].map(({ path }) => path),
      profile === 'platform'
        ? ['/api/v2/conversations/conversation-1', `${participant}/attributes`]
        : ['/api/v2/conversations/conversation-1/participants', participant],
    )
  })

  for (const [title, selector, id] of [
    ['by id', ['--participant', 'participant-2'], 'participant-2'],
    ['by externalId', ['--external-id', 'customer_12345'], customer],
    ['by the attribute target_identifier', ['--external-id', 'agent_7'], 'participant-3'],
    ['by purpose in any letter case', ['--purpose', 'Customer'], customer],
  ] as const) {
    test(`${profile}: it finds the participant ${title}`, async (t) => {
      const { patch, attributesOf } = await setUp(t, { profile })
      const { code, stderr } = await patch([...conversation, ...selector, ...setVip])
      assert.deepEqual([code, stderr], [0, ''])
      assert.equal(attributesOf(id)?.vip_status, 'true')
    })
  }
}

test('values are text as written: with "=", empty, number-like, unicode, line breaks', async (t) => {
  const { patch, attributesOf } = await setUp(t)
  const values = {
    query: 'a=b&c==',
    blank: '',
    code: '007',
    big: '1e400',
    yes: 'true',
    dash: '-1',
    name: 'Zoë 你好 😀',
    lines: 'one\ntwo ',
    __proto__x: 'x',
  }
  const args = Object.entries(values).map(([name, value]) => `${name}=${value}`)
  const { code, stdout } = await patch([...onCustomer, '--set', ...args])
  assert.equal(code, 0)
  assert.deepEqual(attributesOf(customer), values)
  assert.doesNotMatch(stdout, /007|Zoë|two/)
})

test('ids that are UUIDs match in any letter case', async (t) => {
  const { simulator, patch } = await setUp(t)
  const id = '0a1b2c3d-0000-4000-8000-00000000000a'
  simulator.createConversation({ id, participants: [{ id, purpose: 'customer' }] })
  const upper = id.toUpperCase()
  const { code } = await patch(['--conversation', upper, '--participant', upper, ...setVip])
  assert.equal(code, 0)
})

test('an externalId wins over the attribute target_identifier of another participant', async (t) => {
  const { simulator, patch, attributesOf } = await setUp(t)
  simulator.createConversation({
    id: 'conversation-1',
    participants: [{ id: 'participant-2', purpose: 'agent', externalId: 'agent_7' }],
  })
  assert.equal((await patch([...conversation, '--external-id', 'agent_7', ...setVip])).code, 0)
  assert.deepEqual(attributesOf('participant-2'), { vip_status: 'true' })
  assert.equal(attributesOf('participant-3')?.vip_status, undefined)
})

test('several participants of a purpose are refused with their list', async (t) => {
  const { patch, calls } = await setUp(t)
  const args = [...conversation, '--purpose', 'agent', ...setVip]
  assert.deepEqual(await patch(args), {
    code: 1,
    stdout: '',
    stderr: `2 participants of conversation conversation-1 have the purpose "agent":
  - participant-2 (agent, ended)
  - participant-3 (agent)
Nothing is set. Choose one with --participant ID, or set the attributes on all of them with --all.
`,
  })
  const { stdout, stderr } = await patch([...args, '--json'])
  const { code, candidates } = errorIn(stdout)
  assert.deepEqual([code, stderr], ['several_participants', ''])
  assert.deepEqual(candidates, [
    { id: 'participant-2', purpose: 'agent', ended: true },
    { id: 'participant-3', purpose: 'agent', ended: false },
  ])
  assert.equal(calls('PATCH').length, 0)
})

test('several participants with one external id are refused too, without repeating the id', async (t) => {
  const { simulator, patch, calls } = await setUp(t)
  simulator.createConversation({
    id: 'conversation-1',
    participants: [{ id: 'participant-4', purpose: 'customer', externalId: 'customer_12345' }],
  })
  const { code, stderr } = await patch([...conversation, '--external-id', 'customer_12345', ...setVip])
  assert.equal(code, 1)
  assert.match(stderr, /^2 participants of conversation conversation-1 have this external id/)
  assert.match(stderr, /- participant-1 \(customer\)\n {2}- participant-4 \(customer\)\n/)
  assert.doesNotMatch(stderr, /customer_12345/)
  assert.equal(calls('PATCH').length, 0)
})

test('a conversation without participants is named as such', async (t) => {
  const { simulator, patch } = await setUp(t)
  simulator.createConversation({ id: 'empty' })
  const { code, stderr } = await patch(['--conversation', 'empty', '--purpose', 'customer', ...setVip])
  assert.equal(code, 1)
  assert.match(
    stderr,
    /^No participant of conversation empty has .* The conversation has no participants\.\n/,
  )
})

test('--all sets the attributes on each of them', async (t) => {
  const { patch, attributesOf } = await setUp(t)
  const { code, stdout } = await patch([...conversation, '--purpose', 'agent', '--all', ...setVip])
  assert.equal(code, 0)
  assert.equal(stdout.match(/^Set vip_status on participant /gm)?.length, 2)
  for (const id of agents) assert.equal(attributesOf(id)?.vip_status, 'true')
})

test('a failure on the second participant shows that the first one is set', async (t) => {
  const { simulator, patch } = await setUp(t)
  const path = `/api/v2/conversations/conversation-1/participants/${agents[1]}/attributes`
  simulator.addFault({ match: { path }, status: 403 })
  const { code, stdout } = await patch([...conversation, '--purpose', 'agent', '--all', ...setVip, '--json'])
  assert.equal(code, 1)
  const { error, participants } = JSON.parse(stdout)
  assert.equal(error.code, 'forbidden')
  assert.deepEqual(participants, [{ id: 'participant-2', purpose: 'agent', ended: true }])
})

for (const [title, selector, shown] of [
  ['id', ['--participant', 'nobody'], 'the id nobody'],
  ['purpose', ['--purpose', 'ivr'], 'the purpose "ivr"'],
  ['external id', ['--external-id', 'customer_9'], 'this external id'],
] as const) {
  test(`an unknown ${title} lists the participants by id and purpose, without personal data`, async (t) => {
    const { patch, calls } = await setUp(t)
    const { code, stdout, stderr } = await patch([...conversation, ...selector, ...setVip])
    assert.deepEqual([code, stdout], [1, ''])
    assert.ok(stderr.startsWith(`No participant of conversation conversation-1 has ${shown}`), stderr)
    assert.match(stderr, /\n {2}- participant-1 \(customer\)\n {2}- participant-2 \(agent, ended\)\n/)
    assert.match(stderr, new RegExp(`Check the conversation id and ${selector[0]}\\.`))
    assert.doesNotMatch(stderr, /customer_|Ada|317/)
    assert.equal(calls('PATCH').length, 0)
  })
}

test('--dry-run reads, prints and PATCHes nothing', async (t) => {
  const { patch, calls } = await setUp(t)
  const { code, stdout } = await patch([...onCustomer, ...setVip, '--dry-run'])
  assert.equal(code, 0)
  assert.equal(
    stdout,
    'Dry run: would set vip_status on participant participant-1 (customer) of conversation conversation-1.\n',
  )
  assert.deepEqual([calls('GET').length, calls('PATCH').length], [1, 0])
})

test('--json prints one document and nothing else', async (t) => {
  const { patch } = await setUp(t)
  const { code, stdout, stderr } = await patch([...onCustomer, ...setVip, '--json'])
  assert.deepEqual([code, stderr], [0, ''])
  assert.deepEqual(JSON.parse(stdout), {
    conversationId: 'conversation-1',
    participants: [{ id: customer, purpose: 'customer', ended: false }],
    attributeNames: ['vip_status'],
    dryRun: false,
  })
})

test('the calls go through the proxy, and its failure is explained without its password', async (t) => {
  const { simulator, patch, attributesOf } = await setUp(t)
  const proxy = await startConnectProxy(t, { credentials: 'ada:secret-password' })
  const through = (password: string) => ({
    GENESYS_PROXY_URL: proxy.url.replace('//', `//ada:${password}@`),
  })
  const { code, stderr } = await patch([...onCustomer, ...setVip], through('wrong-password'))
  assert.equal(code, 1)
  assert.ok(stderr.includes(`the proxy ${proxy.name} refuses the credentials (407): check user`), stderr)
  assert.doesNotMatch(stderr, /wrong-password/)
  assert.equal((await patch([...onCustomer, ...setVip], through('secret-password'))).code, 0)
  assert.equal(attributesOf(customer)?.vip_status, 'true')
  assert.equal(proxy.requests.length, simulator.calls().length)
})
