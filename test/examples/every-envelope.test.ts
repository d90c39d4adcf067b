import assert from 'node:assert/strict'
import { cp, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { parse, stringify } from 'yaml'
import { purposeOfTopic } from '../../src/ingest/envelopes/topics.ts'
import { loadRules } from '../../src/rules/load-rules.ts'
import { timeOf } from '../../src/values/normal-forms.ts'
import { cloudEvent } from '../helpers/events.ts'
import { temporaryFolder } from '../helpers/folder.ts'
import { failuresIn, runTestsOf } from '../helpers/rules-tests.ts'

// The example tests use canonical events. These tests run each one again in every other envelope, with the same data spelled as
// Genesys Cloud spells it there.

interface Canonical {
  readonly type: string
  readonly topic?: string
  readonly conversationId: string
  readonly participantId?: string
  readonly occurredAt?: string
  readonly mediaType?: string
  readonly direction?: string
  readonly queueId?: string
  readonly userId?: string
  readonly participant?: Readonly<Record<string, unknown>>
}
type Participant = Readonly<Record<string, unknown>>
interface ExampleTest {
  readonly name: string
  readonly event: Canonical
  readonly participants?: readonly Participant[]
}
interface RulesFile {
  readonly rules: { on: unknown }[]
  readonly tests: readonly ExampleTest[]
}

const upper = (text: string | undefined): string | undefined => text?.toUpperCase()

/** Undefined: a detail event cannot carry this data. */
function detail(event: Canonical): Record<string, unknown> | undefined {
  const topic = event.topic ?? (event.type === 'conversation:created' ? 'customer.start' : undefined)
  const { purpose, address, attributes, externalContactId } = event.participant ?? {}
  if (topic === undefined || !/^(customer|user|acd)\./.test(topic)) return undefined
  if (purpose !== undefined && purpose !== purposeOfTopic(topic, event.queueId)) return undefined
  const eventBody = {
    eventTime: timeOf(event.occurredAt),
    conversationId: event.conversationId,
    participantId: event.participantId,
    mediaType: upper(event.mediaType ?? 'voice'),
    direction: upper(event.direction ?? 'inbound'),
    ani: address,
    externalContactId,
    queueId: event.queueId,
    userId: event.userId,
    attributes,
  }
  return {
    topicName: `v2.detail.events.conversation.${event.conversationId}.${topic}`,
    version: '2',
    eventBody,
    metadata: {},
  }
}

/** A snapshot contains the whole conversation. */
function snapshot(event: Canonical, others: readonly Participant[]): Record<string, unknown> | undefined {
  if (event.participantId === undefined) return undefined
  const media = { state: 'connected', direction: event.direction ?? 'inbound' }
  const name = event.mediaType === 'chat' ? 'chats' : 'calls'
  const { queueId, userId } = event
  const own = others.find(({ id }) => id === event.participantId)
  const participant = {
    ...own,
    ...event.participant,
    id: event.participantId,
    queue: queueId && { id: queueId },
    userId,
    [name]: [media],
  }
  return {
    topicName: 'v2.users.u1.conversations',
    version: '2',
    eventBody: {
      id: event.conversationId,
      participants: [participant, ...others.filter((one) => one !== own)],
    },
    metadata: {},
  }
}

const bridged = (notification: Record<string, unknown> | undefined, event: Canonical) =>
  notification && {
    version: '0',
    id: 'adbcfa5b-0116-4baa-b66b-a3f5902e95bf',
    'detail-type': String(notification.topicName)
      .replace(event.conversationId, '{id}')
      .replace('.u1.', '.{id}.'),
    source: 'aws.partner/genesys.com/cloud/00000000-0000-4000-8000-00000000000f/prod',
    detail: { ...notification, timestamp: event.occurredAt },
  }

const envelopes: Readonly<
  Record<string, (event: Canonical, others: readonly Participant[]) => object | undefined>
> = {
  'a CloudEvent around it': (event) => cloudEvent(event),
  'a notification': detail,
  EventBridge: (event) => bridged(detail(event), event),
  'a CloudEvent around EventBridge': (event) => {
    const item = bridged(detail(event), event)
    return item && cloudEvent(item)
  },
  'a snapshot from EventBridge': (event, others) => bridged(snapshot(event, others), event),
}

const folder = fileURLToPath(new URL('../../examples', import.meta.url))
const entries = await readdir(folder, { withFileTypes: true })
const examples = entries
  .filter((entry) => entry.isDirectory() && entry.name !== 'terraform')
  .map(({ name }) => name)

/** The results of a changed copy of an example. */
async function failuresOf(t: TestContext, name: string, file: RulesFile): Promise<readonly string[]> {
  const copy = await temporaryFolder(t)
  await cp(join(folder, name), copy, { recursive: true })
  const path = join(copy, 'rules.yaml')
  await writeFile(path, stringify(JSON.parse(JSON.stringify(file)), { aliasDuplicateObjects: false }))
  const loaded = await loadRules(path)
  assert.ok(loaded.kind === 'ok', loaded.kind === 'invalid' ? loaded.problems.join('\n') : '')
  const failures = failuresIn(runTestsOf(loaded))
  loaded.rules.close()
  return failures
}

const isCanonical = ({ event }: ExampleTest): boolean => 'type' in event

for (const name of examples) {
  const original = parse(await readFile(join(folder, name, 'rules.yaml'), 'utf8')) as RulesFile
  const tests = original.tests.filter(isCanonical)
  for (const [envelope, convert] of Object.entries(envelopes)) {
    test(`examples/${name} sets the same values from ${envelope}`, async (t) => {
      const converted = tests.flatMap((each) => {
        const event = convert(each.event, each.participants ?? [])
        return event === undefined ? [] : [{ ...each, event }]
      })
      assert.ok(converted.length > 0)
      // A snapshot has its own type and topic, so the test compares the data that conditions and values read.
      const isSnapshot = envelope.startsWith('a snapshot')
      const rules = isSnapshot ? original.rules.map((rule) => ({ ...rule, on: '*' })) : original.rules
      const names = new Set(converted.map((each) => each.name))
      const before = tests.filter((each) => names.has(each.name))
      const failing = await failuresOf(t, name, { ...original, rules, tests: before } as RulesFile)
      if (!isSnapshot) assert.deepEqual(failing, [])
      const same = converted.filter(
        (each) => !failing.some((failure) => failure.startsWith(`${each.name} |`)),
      )
      assert.ok(same.length > 0)
      const changed = { ...original, rules, tests: same } as unknown as RulesFile
      assert.deepEqual(await failuresOf(t, name, changed), [])
    })
  }
}
