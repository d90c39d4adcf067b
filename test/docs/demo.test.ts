import assert from 'node:assert/strict'
import { execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { carrierNames } from '../../src/ingest/carriers/carrier.ts'
import { readEnvelope } from '../../src/ingest/envelopes/envelopes.ts'
import { main } from '../helpers/program.ts'
import { until } from '../helpers/wait.ts'
import { type Fence, fencesOf, readPage } from './markdown.ts'

/** Programs that the commands of docs/relays need besides node. */
const missing = ['bash', 'curl', 'openssl', 'base64'].filter(
  (program) => spawnSync(program, ['--help']).error !== undefined,
)
const skip = missing.length > 0 && !process.env.CI ? `not on this machine: ${missing.join(', ')}` : false

const bash = promisify(execFile)

let output = ''
const demo = spawn(process.execPath, [main, 'demo', '--keep'], { stdio: ['ignore', 'pipe', 'inherit'] })
demo.stdout.setEncoding('utf8').on('data', (text: string) => {
  output += text
})

before(async () => {
  await until('the demo has run and stays', () => {
    if (demo.exitCode !== null) throw new Error(`the demo ended with ${demo.exitCode}:\n${output}`)
    return output.includes('Stop with Ctrl+C.')
  })
})
after(async () => {
  const ended = once(demo, 'exit')
  demo.kill('SIGINT')
  assert.deepEqual(await ended, [0, null])
})

const linesOf = (text: string): string[] => text.split('\n').map((line) => line.trimEnd())

test('README.md shows the output of the demo', async () => {
  const excerpt = fencesOf(await readPage('README.md')).find(({ info }) => info === 'text demo')
  assert.ok(excerpt !== undefined)
  const printed = linesOf(output)
  for (const line of linesOf(excerpt.text)) {
    // The number of remaining calls depends on the time within the window.
    if (line !== '…' && !line.startsWith('Rate budget:')) assert.ok(printed.includes(line), line)
  }
})

test('the operator commands that the demo prints work', async () => {
  const [, adminToken = ''] = /^ {2}export ADMIN_TOKEN=(\S+)$/m.exec(output) ?? []
  const commands = [...output.matchAll(/^ {2}genesys-enricher (.+)$/gm)].map(([, args = '']) => args)
  assert.equal(commands.length, 2)
  for (const args of commands) {
    const env = { ...process.env, ADMIN_TOKEN: adminToken }
    const { stdout } = await bash(process.execPath, [main, ...args.split(' ')], { env })
    assert.match(stdout, /^(ACCEPTED AT|Delivery {6}running)/)
  }
})

/** Their commands need AWS, or credentials that the demo does not have. */
const notForTheDemo = ['sqs.md', 'credentials.md']

test('the commands of docs/relays work unchanged against the demo', { skip }, async (t) => {
  const [, service, simulator] = /^Service on (\S+), Genesys Cloud simulator on (\S+),/.exec(output) ?? []
  assert.ok(service !== undefined && simulator !== undefined, output)
  const pages = (await readdir(new URL('../../docs/relays/', import.meta.url))).sort()
  for (const page of pages.filter((name) => !notForTheDemo.includes(name))) {
    const fences = fencesOf(await readPage(`docs/relays/${page}`))
    for (const [index, { info, text, line }] of fences.entries()) {
      if (info !== 'sh') continue
      await t.test(`docs/relays/${page}:${line}`, () => runs(text, fences[index + 1], service))
    }
  }
  await t.test('there is a command for each carrier', async () => {
    const metrics = await (await fetch(`${service}/metrics`)).text()
    for (const carrier of carrierNames)
      assert.match(metrics, new RegExp(`_ingest_carriers_total\\{carrier="${carrier}"\\} [1-9]`), carrier)
  })
  await t.test('there is a command for each credential of the demo', async () => {
    const metrics = await (await fetch(`${service}/metrics`)).text()
    for (const scheme of ['token', 'standard_webhooks', 'hub_signature', 'hmac_header'])
      assert.match(
        metrics,
        new RegExp(`_webhook_auth_total\\{scheme="${scheme}",position="1"\\} [1-9]`),
        scheme,
      )
  })
  await t.test('the demo shows their attributes', async () => {
    const wanted = {
      a1: { language: 'es', crm_key: 'contact-4712', served_queue: 'billing' },
      b2: { language: 'pt', support_tier: 'platinum' },
    }
    await until('the participants have what the events say', async () => {
      for (const [call, attributes] of Object.entries(wanted)) {
        const answer = await fetch(
          `${simulator}/simulator/conversations/f0a1c2d3-0000-4000-8000-0000000000${call}`,
        )
        const { participants } = (await answer.json()) as { participants: { attributes: object }[] }
        const held: Record<string, string> = Object.assign({}, ...participants.map((one) => one.attributes))
        if (Object.entries(attributes).some(([name, value]) => held[name] !== value)) return undefined
      }
      return true
    })
  })
})

/** The time of an answer of Firehose differs each time. */
const withoutTime = (answer: unknown): unknown =>
  answer !== null && typeof answer === 'object' && 'timestamp' in answer
    ? { ...answer, timestamp: 0 }
    : answer

async function runs(command: string, answer: Fence | undefined, service: string): Promise<void> {
  const { stdout } = await bash('bash', ['-euo', 'pipefail', '-c', command], {
    env: { PATH: process.env.PATH, SERVICE: service },
  })
  assert.equal(answer?.info, 'json', 'a command is followed by its answer')
  assert.deepEqual(withoutTime(JSON.parse(stdout)), withoutTime(JSON.parse(answer.text)))
}

test('the service accepts the event of the data action in docs/relays/trigger.md', async () => {
  const [file] = fencesOf(await readPage('docs/relays/trigger.md')).filter(
    ({ info }) => info === 'json data-action',
  )
  const action = JSON.parse(file?.text ?? '') as {
    config: { request: { requestTemplate: string } }
    contract: { input: { inputSchema: { required: string[]; properties: Record<string, unknown> } } }
  }
  const { required, properties } = action.contract.input.inputSchema
  /** Fills in the template as a data action does: with `!`, an input without a value is empty. */
  const bodyOf = (given: readonly string[]) => {
    let body = action.config.request.requestTemplate
    for (const name of Object.keys(properties)) {
      const value = given.includes(name) ? name : ''
      body = body
        .replaceAll(`$!esc.jsonString($!{input.${name}})`, value)
        .replaceAll(`$!{input.${name}}`, value)
    }
    assert.doesNotMatch(body, /\$/, 'the template uses what the contract names, and nothing else')
    return JSON.parse(body) as unknown
  }
  for (const given of [required, Object.keys(properties)]) {
    const result = readEnvelope(bodyOf(given))
    assert.ok(result.kind === 'events')
    assert.deepEqual(result.odd, [])
  }
})
