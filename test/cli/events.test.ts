import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '../helpers/wait.ts'
import { agentEvent, customerEvent, errorIn, setUp } from './operator-harness.ts'

test('list shows events, newest first, with rules, attributes and codes', async (t) => {
  const { inProcess, settle } = await setUp(t)
  await settle(customerEvent('e1'))
  await settle(agentEvent, customerEvent('e3', { participantId: undefined }))
  const { code, stdout, stderr } = await inProcess(['events', 'list'])
  assert.deepEqual([code, stderr], [0, ''])
  const lines = stdout.split('\n')
  assert.match(
    lines[0] ?? '',
    /^ACCEPTED AT +STATE +EVENT +RULES +ATTRIBUTES +CODE OR REASON +CONVERSATION +ID$/,
  )
  assert.match(lines[2] ?? '', /Z {2}dead +conversation:created .* participant_not_found {2}c1 +id:e3$/)
  assert.match(lines[3] ?? '', /Z {2}unchanged +conversation:created +no_rule_matched +c1 +id:e2$/)
  assert.match(
    lines[4] ?? '',
    /Z {2}applied +conversation:created {2}tag customers {2}vip_status +c1 +id:e1$/,
  )
  assert.equal(lines[6], '3 events.')
})

test('list filters by conversation, participant, state and time, up to the limit', async (t) => {
  const { run, settle } = await setUp(t)
  await settle(customerEvent('e1'))
  await settle(agentEvent, customerEvent('e3', { participantId: undefined }))
  const list = async (...args: readonly string[]) => {
    const { code, stdout, stderr } = await run(['events', 'list', '--json', ...args])
    assert.deepEqual([code, stderr], [0, ''])
    return JSON.parse(stdout).items.map(({ id }: { id: string }) => id)
  }
  assert.deepEqual(await list('--conversation', 'c1'), ['id:e3', 'id:e2', 'id:e1'])
  assert.deepEqual(await list('--conversation', 'c9'), [])
  assert.deepEqual(await list('--participant', 'p1'), ['id:e2', 'id:e1'])
  assert.deepEqual(await list('--state', 'dead'), ['id:e3'])
  assert.deepEqual(await list('--since', '10m', '--limit', '2'), ['id:e3', 'id:e2'])
  const { stdout } = await run(['events', 'list', '--limit', '2'])
  assert.match(stdout, /^The newest 2 events; more match: /m)
  const none = await run(['events', 'list', '--conversation', 'c9'])
  assert.match(none.stdout, /^No events match\. .*\n.*"rejected".*\n.*No rule listens/)
  const ofOne = await run(['events', 'list', '--conversation', 'c1'])
  assert.match(ofOne.stdout, /^ACCEPTED AT +STATE .* CODE OR REASON +ID$/m)
})

test('list refuses unknown states and limits: exit code 2', async (t) => {
  const { run } = await setUp(t)
  const state = await run(['events', 'list', '--state', 'lost', '--json'])
  assert.equal(state.code, 2)
  assert.match(String(errorIn(state.stdout).message), /Allowed choices are pending, applied, unchanged, dead/)
  assert.equal((await run(['events', 'list', '--limit', '0'])).code, 2)
})

test('list refuses a time that is not in the past: exit code 2', async (t) => {
  const { run } = await setUp(t)
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString()
  for (const time of ['0h', tomorrow]) {
    const { code, stderr } = await run(['events', 'list', '--since', time])
    assert.equal(code, 2)
    assert.match(stderr, /Must be in the past\. A time without a zone is UTC\./)
  }
})

test('show prints the life of an event as a timeline', async (t) => {
  const { run, settle } = await setUp(t)
  await settle(customerEvent('e1'))
  const { code, stdout, stderr } = await run(['events', 'show', 'id:e1'])
  assert.deepEqual([code, stderr], [0, ''])
  const shown = stdout.replaceAll(/\S+Z(?= )/g, 'TIME').replace(/correlation id \S+/, 'correlation id ID')
  assert.equal(
    shown,
    `Event         id:e1
State         applied
Type          conversation:created
Conversation  c1
Participant   p1
Rules         tag customers
Attributes    vip_status
Attempts      1 call
Last answer   202, correlation id ID

Timeline
  TIME  accepted
  TIME  applied: the attributes are set

What the rules in force would do now
  rule "tag customers": matched, sets vip_status
`,
  )
})

test('show says why no rule matched: the part that is false, or the field that is missing', async (t) => {
  const { run, settle } = await setUp(t)
  await settle(agentEvent, customerEvent('e3', { participant: undefined }))
  const isFalse = await run(['events', 'show', 'e2'])
  assert.match(
    isFalse.stdout,
    /^ {2}rule "tag customers": not matched: participant\.purpose == "customer" is false$/m,
  )
  const isMissing = await run(['events', 'show', 'e3'])
  assert.match(
    isMissing.stdout,
    /undecided at participant\.purpose == "customer": participant\.purpose is missing/,
  )
})

test('show of an event that is retried has the rules, answer and cause of its last attempt', async (t) => {
  const { run, post, simulator } = await setUp(t)
  simulator.addFault({ match: { method: 'PATCH' }, status: 503, times: 1_000 })
  await post(customerEvent('e1'))
  const shown = async () => (await run(['events', 'show', 'e1'])).stdout
  await until('a call has failed', async () => /^Attempts +[1-9]/m.test(await shown()))
  const stdout = await shown()
  assert.match(
    stdout,
    /^State +pending: unavailable\nDetail +503 .*\nWhat to do +In an outage, nothing to do/m,
  )
  assert.match(stdout, /^Rules +tag customers\nAttributes +vip_status\n/m)
  assert.match(stdout, /^Gives up at +\S+Z, if not delivered before\nLast answer +503, correlation id \S+$/m)
})

test('show of an event without an attempt names the end of its time and no rules', async (t) => {
  const { run, post } = await setUp(t)
  await run(['delivery', 'pause'])
  await post(customerEvent('e1'))
  const { stdout } = await run(['events', 'show', 'e1'])
  assert.match(stdout, /^Rules +not decided yet\nAttributes +none\n/m)
  const { acceptedAt, giveUpAt } = JSON.parse((await run(['events', 'show', 'e1', '--json'])).stdout)
  assert.equal(Date.parse(giveUpAt) - Date.parse(acceptedAt), 86_400_000)
})

test('show says why an event is unchanged', async (t) => {
  const { run, settle } = await setUp(t)
  await settle(customerEvent('e1'))
  await settle(customerEvent('e3'), customerEvent('e4', { participant: undefined }))
  const stateOf = async (id: string) => /^State +(.*)$/m.exec((await run(['events', 'show', id])).stdout)?.[1]
  assert.equal(await stateOf('e3'), 'unchanged: the participant is known to have these values already')
  assert.equal(
    await stateOf('e4'),
    'unchanged: no rule matched, because the event lacks data that a rule reads',
  )
  const { stdout } = await run(['events', 'show', 'e3', '--json'])
  assert.equal(JSON.parse(stdout).reason, 'known_values')
})

test('show --json prints the answer of the service', async (t) => {
  const { run, settle } = await setUp(t)
  await settle(customerEvent('e1'))
  const { stdout, stderr } = await run(['events', 'show', 'e1', '--json'])
  const { id, state, timeline, wouldNow } = JSON.parse(stdout)
  assert.deepEqual([id, state, stderr], ['id:e1', 'applied', ''])
  assert.deepEqual([timeline.length, wouldNow.trace.rules.length], [2, 1])
})

test('show of an unknown id says what to try: exit code 1', async (t) => {
  const { run } = await setUp(t)
  const { code, stdout, stderr } = await run(['events', 'show', 'a/b#c', '--json'])
  assert.deepEqual([code, stderr, errorIn(stdout).code], [1, '', 'event_not_found'])
  assert.match(String(errorIn(stdout).remedy), /events list --conversation/)
})
