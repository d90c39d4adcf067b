import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { urlOf } from '../../src/http/server.ts'
import { readEnvelope } from '../../src/ingest/envelopes/envelopes.ts'
import { identify } from '../../src/ingest/identity.ts'
import { webhookPath } from '../../src/ingest/ingest.ts'
import { compileRulesText } from '../../src/rules/load-rules.ts'
import { records, sqsRecord } from '../helpers/carriers.ts'
import { canonicalItem } from '../helpers/events.ts'
import { temporaryFolder } from '../helpers/folder.ts'
import { startIngest, token } from '../helpers/ingest-server.ts'
import { attributesIn } from '../helpers/rules.ts'
import { fencesOf, readPage, tableOf } from './markdown.ts'

const [, ...ways] = tableOf(await readPage('docs/relays.md'), '| You have |')
const relayPages = ways.map(([, way = '']) => /\((relays\/[\w-]+\.md)\)$/.exec(way)?.[1] ?? way)

/** The service takes the events itself, so no relay reads its answers. */
const withoutAnswers = ['relays/sqs.md']

/** The answers of the service to an event. */
const answers = ['202', '400', '401', '413', '415', '422', '429', '503']

test('docs/relays.md fills each cell of its table of ways in', () => {
  assert.ok(ways.length >= 13)
  for (const cells of ways) {
    assert.equal(cells.length, 7)
    for (const cell of cells) assert.notEqual(cell, '', cells[0])
  }
})

for (const name of relayPages) {
  test(`docs/${name} says how to set the relay up, how to try it, and what each answer causes`, async () => {
    const page = await readPage(`docs/${name}`)
    assert.match(page, /^For (administrators|developers) /m)
    for (const heading of [/Set up/, /Credentials?/, /Try it.*/, /Duplicates and order/])
      assert.match(page, new RegExp(`^## ${heading.source}$`, 'm'))
    if (withoutAnswers.includes(name)) return
    const named = tableOf(page.split('## Answers and retries')[1] ?? '', '| Answer of the service |')
      .map(([answer = '']) => answer)
      .join(' ')
    for (const answer of answers) assert.match(named, new RegExp(`\\b${answer}\\b`), answer)
    assert.match(page, /^\*\*Given-up /m)
  })
}

/** The only fence of a page with this info. */
async function fenceOf(page: string, info: string): Promise<string> {
  const [fence, ...others] = fencesOf(await readPage(page)).filter((one) => one.info === info)
  assert.ok(fence !== undefined && others.length === 0, `${page} has one fence "${info}"`)
  return fence.text
}

async function rulesIn(page: string, info: string) {
  const loaded = compileRulesText(await fenceOf(page, info), page)
  assert.ok(loaded.kind === 'ok', loaded.kind === 'invalid' ? loaded.problems.join('\n') : '')
  return loaded.rules
}

test('the mapping of docs/relays/program.md reads the item below it', async () => {
  const rules = await rulesIn('docs/relays/program.md', 'yaml mapping')
  const item: unknown = JSON.parse(await fenceOf('docs/relays/program.md', 'json item'))
  const result = readEnvelope(item, rules.mapItem)
  assert.ok(result.kind === 'events', JSON.stringify(result))
  const [event] = result.drafts.map((draft) => identify(draft, { index: 0 }))
  assert.ok(event !== undefined)
  assert.equal(event.participant.purpose, 'customer')
  assert.deepEqual(attributesIn(rules.evaluate(event)), { caller: 'tel:+13175550100' })
})

test('the mapping of docs/relays/open-messaging.md ignores a message, and no other item', async () => {
  const { mapItem } = await rulesIn('docs/relays/open-messaging.md', 'yaml open-messaging')
  const message = {
    id: 'msg-abc-123',
    channel: { platform: 'Open', type: 'Private', to: { id: 'someone' }, time: '2026-01-05T09:00:00Z' },
    type: 'Text',
    text: 'Hello',
    direction: 'Outbound',
  }
  assert.equal(readEnvelope(message).kind, 'invalid')
  assert.equal(readEnvelope(message, mapItem).kind, 'ignored')
  assert.equal(readEnvelope(canonicalItem(), mapItem).kind, 'events')
})

interface LambdaFunction {
  readonly handler: (input: unknown) => Promise<unknown>
}

test('the function of docs/relays/lambda.md returns the rejected records, and fails if none is stored', async (t) => {
  let draining = false
  const { server, details } = await startIngest(t, { draining: () => draining })
  await server.listen({ host: '127.0.0.1', port: 0 })
  const file = join(await temporaryFolder(t), 'function.mjs')
  await writeFile(file, await fenceOf('docs/relays/lambda.md', 'js function'))
  const { handler }: LambdaFunction = await import(pathToFileURL(file).href)
  process.env.SERVICE_URL = `${urlOf(server, '127.0.0.1')}${webhookPath}`
  process.env.SERVICE_TOKEN = token
  t.after(() => {
    delete process.env.SERVICE_URL
    delete process.env.SERVICE_TOKEN
  })

  const [good, bad] = [sqsRecord(canonicalItem({ id: 'e1' })), sqsRecord('not JSON', 2)]
  assert.deepEqual(await handler(records(good)), { batchItemFailures: [] })
  const returned = { batchItemFailures: [{ itemIdentifier: bad.messageId }] }
  assert.deepEqual(await handler(records(good, bad)), returned)
  assert.equal(details.carriers.get('sqs'), 3)

  const several = sqsRecord([canonicalItem({ id: 'e2' }), {}, {}], 3)
  assert.deepEqual(await handler(records(several)), {
    batchItemFailures: [{ itemIdentifier: several.messageId }],
  })
  await assert.rejects(handler(records(bad)), /answered 422/)
  draining = true
  await assert.rejects(handler(records(good)), /answered 503/)
})
