import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse as parseYaml } from 'yaml'
import { variables as settings } from '../../src/config/variables.ts'
import { parseTopic } from '../../src/ingest/envelopes/topics.ts'
import { readPage } from '../docs/markdown.ts'
import { relayToken, startService } from '../helpers/service.ts'
import { documentedArguments } from './terraform-arguments.ts'
import {
  type Configuration,
  configurationNames,
  readConfiguration,
  stringsIn,
  terraformFolder,
} from './terraform-files.ts'

const configurations = new Map(
  await Promise.all(configurationNames.map(async (name) => [name, await readConfiguration(name)] as const)),
)
const page = await readPage('examples/terraform/README.md')

test('there are four configurations, each named in the README', () => {
  assert.equal(configurations.size, 4)
  for (const name of configurations.keys()) assert.ok(page.includes(`| \`${name}\` |`), name)
})

/** Names of the language: types, and what `each`, `path` and the iterator of a dynamic block stand for. */
const ofTheLanguage = /^(string|number|bool|each\.(key|value)|path\.module)$/
const iteratorsOf = (text: string): readonly string[] =>
  [...text.matchAll(/^\s*dynamic "(\w+)"/gm)].map(([, name]) => `${name}.value`)

function resolves(reference: string, { variables, locals, declared, text }: Configuration): boolean {
  if (ofTheLanguage.test(reference) || iteratorsOf(text).includes(reference)) return true
  const [root = '', ...rest] = reference.split('.')
  if (root === 'var') return (rest[0] ?? '') in variables
  if (root === 'local') return locals.includes(rest[0] ?? '')
  const address = root === 'data' ? `data.${rest.slice(0, 2).join('.')}` : `${root}.${rest[0]}`
  return declared.has(address)
}

for (const [name, configuration] of configurations) {
  const { variables, outputs, locals, declared, references } = configuration

  test(`terraform/${name}: every reference has a target`, () => {
    const unknown = [...references].filter((reference) => !resolves(reference, configuration))
    assert.deepEqual(unknown, [])
    assert.ok(references.size > 10)
  })

  test(`terraform/${name}: every variable and local is used`, () => {
    for (const variable of Object.keys(variables)) assert.ok(references.has(`var.${variable}`), variable)
    for (const local of locals) assert.ok(references.has(`local.${local}`), local)
  })

  test(`terraform/${name}: variables and outputs are described, and secrets are sensitive`, () => {
    for (const [kind, blocks] of Object.entries({ variables, outputs }))
      for (const [label, [body]] of Object.entries(blocks)) {
        assert.match(String(body?.description), /^[A-Z].{10,}\.$/, `${kind} ${label}`)
        assert.equal(
          body?.sensitive === true,
          /secret$|token$/.test(label) && body?.type !== '${bool}',
          label,
        )
        if (kind === 'variables') assert.ok(body?.type !== undefined, label)
      }
  })

  test(`terraform/${name}: resources have only documented arguments`, () => {
    for (const [address, body] of declared) {
      const type = address.split('.').slice(0, -1).join('.')
      const documented = documentedArguments[type]
      assert.ok(documented, `${type}: add its documented arguments to the table`)
      const used = Object.keys(body).filter((key) => !['for_each', 'dynamic', 'depends_on'].includes(key))
      for (const key of [...used, ...Object.keys(body.dynamic ?? {})])
        assert.ok(documented.includes(key), `${address} has ${key}`)
    }
  })
}

test('the README lists each output of each folder once, with variables of the service that exist', () => {
  const rows = [...page.matchAll(/^\| `([\w-]+)` \| `(\w+)` \| (.+) \|$/gm)]
  const listed = rows.map(([, folder, output]) => `${folder} ${output}`)
  const real = [...configurations].flatMap(([name, { outputs }]) =>
    Object.keys(outputs).map((output) => `${name} ${output}`),
  )
  assert.deepEqual(listed.sort(), real.sort())
  for (const [, setting = ''] of page.matchAll(/`((?:GENESYS|WEBHOOK)_[A-Z_]+)`/g))
    assert.ok(setting in settings, setting)
})

test('the README gives every variable that has no default', () => {
  const commands = [...page.matchAll(/^ *cd (?:\.\.\/)?([\w-]+)\n([\s\S]*?)```/gm)]
  assert.equal(commands.length, 3)
  for (const [, folder = '', text = ''] of commands)
    for (const [name, [body]] of Object.entries(configurations.get(folder)?.variables ?? {}))
      if (body?.default === undefined) assert.match(text, new RegExp(`-var ${name}=|TF_VAR_${name}=`), name)
})

/** The `detail-type` of real events, by short topic. */
async function realDetailTypes(): Promise<ReadonlyMap<string, string>> {
  const folder = new URL('../fixtures/', import.meta.url)
  const names = (await readdir(folder)).filter((name) => /^eventbridge-(customer|user|attributes)/.test(name))
  const types = await Promise.all(
    names.map(async (name) => JSON.parse(await readFile(new URL(name, folder), 'utf8'))['detail-type']),
  )
  return new Map(types.map((type) => [String(type).split('{id}.')[1] ?? '', String(type)]))
}

test('rules and integration select the detail-type that Genesys Cloud sends, with a literal {id}', async () => {
  const real = await realDetailTypes()
  assert.ok(real.size >= 3)
  let patterns = 0
  for (const { text, variables } of configurations.values())
    for (const [, pattern = ''] of text.matchAll(/\[for topic in var\.topics : "([^"]+)"\]/g)) {
      patterns += 1
      const topics = stringsIn(variables.topics?.[0]?.default)
      for (const topic of topics) {
        const detailType = pattern.replace('${topic}', topic)
        assert.deepEqual(parseTopic(detailType), { kind: 'detail', conversationId: undefined, topic })
        if (real.has(topic)) assert.equal(detailType, real.get(topic))
      }
      assert.ok(topics.some((topic) => real.has(topic)))
    }
  assert.equal(patterns, 3)
})

test('the service may receive, delete and extend messages of its own queue, and nothing else', () => {
  const policy = configurations.get('eventbridge-sqs')?.declared.get('data.aws_iam_policy_document.service')
  const actions = ['ReceiveMessage', 'DeleteMessage', 'ChangeMessageVisibility', 'GetQueueAttributes']
  assert.deepEqual(policy?.statement, [
    { actions: actions.map((action) => `sqs:${action}`), resources: ['${aws_sqs_queue.events.arn}'] },
  ])
})

const trigger = configurations.get('genesys-cloud-trigger')
const action = trigger?.declared.get('genesyscloud_integration_action.send_event')

/** The request body that the Velocity template gives for these inputs. A missing input leaves its placeholder. */
function render(inputs: Readonly<Record<string, string>>): string {
  const template = stringsIn(action?.config_request).find((text) => text.includes('conversationId')) ?? ''
  return template
    .replaceAll('$${', '${')
    .replaceAll(/\$esc\.jsonString\(\$\{input\.(\w+)\}\)/g, (whole, name: string) =>
      inputs[name] === undefined ? whole : JSON.stringify(inputs[name]).slice(1, -1),
    )
}

test('the service accepts what the data action sends', async (t) => {
  const url = await startService(t)
  const ids = { conversationId: 'c1', participantId: 'p1' }
  for (const inputs of [
    { ...ids, mediaType: 'VOICE', ani: 'tel:+1317 "55' },
    { ...ids, participantId: 'p2' },
  ]) {
    const response = await fetch(`${url}/webhooks/genesys`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Basic ${Buffer.from(`genesys-cloud:${relayToken}`).toString('base64')}`,
      },
      body: render(inputs),
    })
    assert.deepEqual(
      [response.status, await response.json()],
      [202, { accepted: 1, duplicates: 0, ignored: 0, rejected: [] }],
    )
  }
})

test('the workflow passes the inputs of the data action, and trigger.tf gives all its substitutions', async () => {
  const yaml = await readFile(join(terraformFolder, 'genesys-cloud-trigger', 'workflow.yaml'), 'utf8')
  const { substitutions } = trigger?.declared.get('genesyscloud_flow.send_event') ?? {}
  const placeholders = new Set([...yaml.matchAll(/"\{\{(\w+)\}\}"/g)].map(([, name]) => name))
  assert.deepEqual([...placeholders].sort(), Object.keys(substitutions ?? {}).sort())
  const { workflow } = parseYaml(yaml)
  const inputs = workflow.variables.map(
    ({ stringVariable }: { stringVariable: { name: string } }) => stringVariable.name,
  )
  const { category } = workflow.states[0].state.actions[0].callData
  const call = category['{{data_action_category}}'].dataAction['{{data_action_name}}']
  const contract = [...String(action?.contract_input).matchAll(/^\s*(\w+)\s*=\s*\{ type = "string" \}/gm)]
  assert.deepEqual(
    Object.keys(call.inputs),
    contract.map(([, name]) => name),
  )
  assert.deepEqual(
    Object.values(call.inputs),
    inputs.map((name: string) => ({ exp: name })),
  )
})
