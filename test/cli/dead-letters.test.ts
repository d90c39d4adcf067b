import assert from 'node:assert/strict'
import { test } from 'node:test'
import { until } from '../helpers/wait.ts'
import { customerEvent, errorIn, setUp, setUpLetters } from './operator-harness.ts'

const idsIn = (stdout: string) => JSON.parse(stdout).items.map(({ id }: { id: string }) => id)

const again = 'pending again. Check: genesys-enricher events list --state pending\n'
const ofInbox = 'Without these options, the inbox has'

test('list shows dead letters, and a summary by code and rule with the next step', async (t) => {
  const { run } = await setUpLetters(t)
  const { code, stdout, stderr } = await run(['dead-letters', 'list'])
  assert.deepEqual([code, stderr], [0, ''])
  const lines = stdout.split('\n')
  assert.match(lines[0] ?? '', /^DIED AT +CODE +EVENT +RULES +ATTEMPTS +CONVERSATION +ID$/)
  assert.match(lines[2] ?? '', /^\S+Z {2}forbidden +conversation:created {2}tag customers {2}1 +c1 +id:e1$/)
  assert.match(stdout, /^participant_not_found: 1 dead letter\. No participant/m)
  assert.match(
    stdout,
    /^3 dead letters\.\n\nforbidden: 2 dead letters\. Genesys Cloud denied access\n {2}By rule: "tag customers" 2\n {2}Give the OAuth client a role/m,
  )
  assert.match(stdout, /^ {2}Then: genesys-enricher dead-letters replay --code forbidden$/m)
})

test('list filters by code, rule and time, and reads all pages up to the limit', async (t) => {
  const { run } = await setUpLetters(t)
  const list = async (...args: readonly string[]) =>
    (await run(['dead-letters', 'list', '--json', ...args])).stdout
  assert.deepEqual(idsIn(await list()), ['id:e1', 'id:e2', 'id:e3'])
  assert.deepEqual(idsIn(await list('--code', 'forbidden')), ['id:e1', 'id:e2'])
  assert.deepEqual(idsIn(await list('--rule', 'another rule')), [])
  assert.deepEqual(idsIn(await list('--since', '1h')), ['id:e1', 'id:e2', 'id:e3'])
  assert.deepEqual(idsIn(await list('--conversation', 'c1')), ['id:e1', 'id:e3'])
  const first = JSON.parse(await list('--limit', '2'))
  assert.deepEqual([first.items.length, first.nextCursor], [2, 2])
  const { stdout } = await run(['dead-letters', 'list', '--limit', '2'])
  assert.match(stdout, /^The first 2 of 3 dead letters: .*--limit\.$/m)
})

test('the summary counts all dead letters that match, listed or not', async (t) => {
  const { run } = await setUpLetters(t)
  const { stdout } = await run(['dead-letters', 'list', '--limit', '1'])
  assert.match(stdout, /^forbidden: 2 dead letters\./m)
  assert.match(stdout, /^participant_not_found: 1 dead letter\./m)
  const json = await run(['dead-letters', 'list', '--limit', '1', '--json', '--code', 'forbidden'])
  const { items, counts } = JSON.parse(json.stdout)
  const rules = [{ rule: 'tag customers', count: 2 }]
  assert.deepEqual([items.length, counts], [1, { total: 2, codes: [{ code: 'forbidden', count: 2, rules }] }])
})

test('the replay command of the summary keeps the options of the list', async (t) => {
  const { run, url, env } = await setUpLetters(t)
  const options = ['--rule', 'tag customers', '--conversation', 'c1', '--since', '2026-01-31T09:30:00Z']
  const { stdout } = await run(['dead-letters', 'list', ...options, '--url', url], { ...env, PORT: '1' })
  const command = `genesys-enricher dead-letters replay --code forbidden --rule 'tag customers' --conversation c1 --since 2026-01-31T09:30:00Z --url ${url}`
  assert.ok(stdout.includes(`  Then: ${command}\n`), stdout)
})

test('a misspelled code is refused: exit code 2', async (t) => {
  const { run } = await setUpLetters(t)
  for (const command of ['list', 'replay', 'drop']) {
    const { code, stdout } = await run(['dead-letters', command, '--code', 'forbiden', '--json'])
    assert.equal(code, 2)
    assert.match(String(errorIn(stdout).message), /codes not_found, .*, expired\. Did you mean forbidden\?$/)
  }
})

test('options that no dead letter fits say what the inbox has', async (t) => {
  const { run } = await setUpLetters(t)
  const listed = await run(['dead-letters', 'list', '--rule', 'tag customer'])
  assert.deepEqual(listed, {
    code: 0,
    stdout: `No dead letter matches. ${ofInbox} 3: forbidden 2, participant_not_found 1.\nTheir rules: "tag customers".\n`,
    stderr: '',
  })
  const replayed = await run(['dead-letters', 'replay', '--rule', 'tag customer'])
  assert.match(replayed.stdout, /^0 dead letters replayed\. No dead letter matches\. Without these options/)
})

test('an empty list says so', async (t) => {
  const { run } = await setUp(t)
  const { code, stdout } = await run(['dead-letters', 'list'])
  assert.deepEqual([code, stdout], [0, 'No dead letters.\n'])
})

test('show says why the event was given up, what to do, and what the rules would do now', async (t) => {
  const { run } = await setUpLetters(t)
  const { code, stdout } = await run(['dead-letters', 'show', 'e1'])
  assert.equal(code, 0)
  assert.match(
    stdout,
    /^State {9}dead: forbidden\nDetail {8}403.*\nWhat to do {4}Give the OAuth client a role/m,
  )
  assert.match(stdout, /^ {2}\S+Z {2}given up: dead letter \(forbidden\)$/m)
  assert.match(stdout, /^ {2}rule "tag customers": matched, sets vip_status$/m)
  assert.match(stdout, /^When the cause is gone: genesys-enricher dead-letters replay id:e1$/m)
  const json = await run(['dead-letters', 'show', 'id:e1', '--json'])
  assert.equal(JSON.parse(json.stdout).code, 'forbidden')
})

test('show of an unknown id says how to find ids: exit code 1', async (t) => {
  const { run } = await setUp(t)
  const { code, stderr } = await run(['dead-letters', 'show', 'nobody'])
  assert.equal(code, 1)
  assert.match(stderr, /has no event with this id \(404\)\nFind its id with: genesys-enricher events list/)
  assert.doesNotMatch(stderr, /\/admin\//)
})

test('show of an event that is no dead letter names its state and the command to show it', async (t) => {
  const { run, settle } = await setUp(t)
  await settle(customerEvent('e1'))
  assert.deepEqual(await run(['dead-letters', 'show', 'e1']), {
    code: 1,
    stdout: '',
    stderr:
      'id:e1 is applied, not a dead letter\nSee what happened to it: genesys-enricher events show id:e1\n',
  })
})

test('replay delivers the dead letters with these ids', async (t) => {
  const { run, statusOf, attributesOf } = await setUpLetters(t)
  const { code, stdout, stderr } = await run(['dead-letters', 'replay', 'id:e1', 'e1', 'e2', 'nope'])
  assert.deepEqual([code, stdout], [1, ''])
  assert.match(stderr, /^2 dead letters replayed, 1 id skipped: no dead letter has "nope"\n/)
  await until('both are applied', async () => (await statusOf()).totals.applied === 2)
  assert.deepEqual([attributesOf('c1'), attributesOf('c2')], [{ vip_status: 'true' }, { vip_status: 'true' }])
  assert.equal((await statusOf()).inbox.dead, 1)
})

test('replay --code and --all select by code, or all', async (t) => {
  const { run, statusOf } = await setUpLetters(t)
  const one = await run(['dead-letters', 'replay', '--code', 'forbidden'])
  assert.deepEqual(one, { code: 0, stdout: `2 dead letters are ${again}`, stderr: '' })
  await until('both are applied', async () => (await statusOf()).totals.applied === 2)
  const rest = await run(['dead-letters', 'replay', '--all', '--json'])
  assert.deepEqual(rest, { code: 0, stdout: '{\n  "replayed": 1\n}\n', stderr: '' })
  await until('it is a dead letter again', async () => (await statusOf()).inbox.dead === 1)
  assert.equal(
    (await run(['dead-letters', 'replay', '--code', 'forbidden'])).stdout,
    `0 dead letters replayed. No dead letter matches. ${ofInbox} 1: participant_not_found 1.\nTheir rules: "tag customers".\n`,
  )
})

test('replay --since 1h replays the letters of the last hour, --rule and --code narrow it', async (t) => {
  const { run, statusOf } = await setUpLetters(t)
  const replay = async (...args: readonly string[]) => (await run(['dead-letters', 'replay', ...args])).stdout
  assert.match(await replay('--since', '1h', '--rule', 'another rule'), /^0 dead letters replayed\./)
  assert.equal(
    await replay('--since', '1h', '--rule', 'tag customers', '--code', 'participant_not_found'),
    `1 dead letter is ${again}`,
  )
  await until('it is a dead letter again', async () => (await statusOf()).inbox.dead === 3)
  assert.equal(await replay('--since', '1h'), `3 dead letters are ${again}`)
})

test('replay of unknown ids fails and says where to look: exit code 1', async (t) => {
  const { run } = await setUp(t)
  const { code, stdout } = await run(['dead-letters', 'replay', 'e8', 'e9', '--json'])
  assert.equal(code, 1)
  assert.equal(
    errorIn(stdout).message,
    '0 dead letters replayed, 2 ids skipped: no dead letter has "e8", "e9"',
  )
  assert.deepEqual([JSON.parse(stdout).replayed, JSON.parse(stdout).skipped], [0, ['e8', 'e9']])
})

test('drop needs --yes where it cannot ask: exit code 2', async (t) => {
  const { run, statusOf } = await setUpLetters(t)
  const { code, stdout, stderr } = await run(['dead-letters', 'drop', '--all'])
  assert.deepEqual([code, stdout], [2, ''])
  assert.match(stderr, /^Nothing is dropped\n {2}- --yes is required/)
  assert.equal((await run(['dead-letters', 'drop', '--all', '--json'])).code, 2)
  assert.equal((await statusOf()).inbox.dead, 3)
})

test('drop --yes deletes dead letters', async (t) => {
  const { run, statusOf } = await setUpLetters(t)
  const { code, stdout } = await run(['dead-letters', 'drop', '--code', 'forbidden', '--yes'])
  assert.deepEqual([code, stdout], [0, '2 dead letters dropped.\n'])
  assert.equal((await statusOf()).inbox.dead, 1)
  const one = await run(['dead-letters', 'drop', 'e3', '--yes', '--json'])
  assert.deepEqual(JSON.parse(one.stdout), { dropped: 1 })
})

test('replay and drop need exactly one of ids, filters and --all', async (t) => {
  const { run } = await setUp(t)
  for (const args of [[], ['e1', '--all'], ['--code', 'forbidden', '--all'], ['e1', '--since', '1h']]) {
    const { code, stdout } = await run(['dead-letters', 'replay', ...args, '--json'])
    assert.equal(code, 2)
    assert.match(
      String(errorIn(stdout).problems),
      /^give ids, or at least one of --code, --rule, --conversation and --since/,
    )
  }
})

test('--since of another form is wrong usage', async (t) => {
  const { run } = await setUp(t)
  const { code, stderr } = await run(['dead-letters', 'list', '--since', 'yesterday'])
  assert.equal(code, 2)
  assert.match(
    stderr,
    /'--since <time>' argument 'yesterday' is invalid\. Must be a duration before now such as 90s/,
  )
})
