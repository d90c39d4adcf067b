import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { webhookPath } from '../../src/ingest/ingest.ts'
import { valuesOf } from '../helpers/exposition.ts'
import type { Owner } from '../helpers/folder.ts'
import { type InProcessService, startInProcess } from '../helpers/in-process.ts'
import { freePort, skipWithoutPostgres, startPostgres } from '../helpers/postgres.ts'
import { adminToken, attributesAt, customerEvent, runningService, setUp, token } from '../helpers/process.ts'
import { until } from '../helpers/wait.ts'
import { haproxy, proxyText, skipWithoutHaproxy } from './haproxy.ts'

const names = ['ingest-1', 'ingest-2', 'deliver-1', 'deliver-2'] as const
type Name = (typeof names)[number]

/** docker/haproxy.cfg with addresses of this machine. */
function configurationFor(ports: Readonly<Record<Name | '8080' | '8081', number>>): string {
  const { 8080: webhook, 8081: operators } = ports
  let text = proxyText.replace(' resolvers docker\n', '\n').replace(/^resolvers docker\n(?: .*\n)+/m, '')
  text = text
    .replace('bind :8080', `bind 127.0.0.1:${webhook}`)
    .replace('bind :8081', `bind 127.0.0.1:${operators}`)
  for (const name of names) text = text.replace(` ${name}:8080`, ` 127.0.0.1:${ports[name]}`)
  return text
}

/** Four nodes in this process, as in docker/compose.nodes.yaml, behind HAProxy. */
async function start(t: Owner) {
  const server = await startPostgres(t)
  const { folder, environment, simulator } = await setUp(t, { strict: false, rateLimit: 1_000_000 })
  const entries: [string, number][] = []
  for (const name of ['8080', '8081', ...names]) entries.push([name, await freePort()])
  const ports = Object.fromEntries(entries) as Record<Name | '8080' | '8081', number>
  const store = { STORE_URL: await server.createStore(), OWNERSHIP_LEASE_MS: '2000', RATE_LIMIT: '1000000' }
  const startNode = (name: Name) =>
    startInProcess(t, { ...environment, ...store, ROLE: name.split('-')[0] ?? '', PORT: String(ports[name]) })
  const nodes = new Map<Name, InProcessService>()
  for (const name of names) nodes.set(name, await startNode(name))
  const file = join(folder, 'haproxy.cfg')
  await writeFile(file, configurationFor(ports))
  const proxy = spawn(haproxy ?? '', ['-db', '-f', file], { stdio: 'ignore' })
  const ended = once(proxy, 'exit')
  t.after(async () => {
    proxy.kill('SIGKILL')
    await ended
  })
  return {
    simulator,
    nodes,
    webhook: runningService(`http://127.0.0.1:${ports[8080]}`, () => ''),
    operators: runningService(`http://127.0.0.1:${ports[8081]}`, () => ''),
    async restart(name: Name, meanwhile: () => Promise<unknown>): Promise<InProcessService> {
      await nodes.get(name)?.stop()
      await meanwhile()
      const node = await startNode(name)
      nodes.set(name, node)
      return node
    },
  }
}

const answers = (url: string) =>
  fetch(url).then(
    ({ status }) => status,
    () => undefined,
  )

const skip = skipWithoutPostgres || skipWithoutHaproxy

describe('nodes behind HAProxy', { skip }, async () => {
  if (skip !== false) return
  const { simulator, nodes, webhook, operators, restart } = await start({ after })
  await until('the proxy has found the nodes', async () => (await answers(`${operators.url}/livez`)) === 200)

  test('the proxy forwards only the webhook to senders, and everything to operators', async () => {
    for (const path of ['/', '/admin/status', '/health', '/metrics', '/dashboard', '/webhooks/genesys/x'])
      assert.equal(await answers(`${webhook.url}${path}`), 404, path)
    for (const path of ['/health', '/metrics', '/dashboard'])
      assert.equal(await answers(`${operators.url}${path}`), 200, path)
    // Nodes of one process have one name, of which the list has the latest: the metric below says who delivers.
    assert.equal((await operators.status()).nodes.length, 1)
    const { status, body } = await operators.post(customerEvent(0), { authorization: `Bearer ${adminToken}` })
    assert.deepEqual([status, body.code], [503, 'not_an_ingest_node'])

    const delivers = async (name: Name) => {
      const text = await (await fetch(`${nodes.get(name)?.url}/metrics`)).text()
      return valuesOf(text, 'genesys_enricher_delivers')['']
    }
    const each = await Promise.all(names.map(delivers))
    assert.deepEqual(each.toSorted(), [0, 0, 0, 1])
    assert.deepEqual(each.slice(0, 2), [0, 0], 'the metric follows the right to deliver')
  })

  test('behind the proxy, senders notice nothing of a rolling restart of all nodes, and every event is delivered', async (t) => {
    let sent = 0
    const send = async () => {
      const response = await fetch(`${webhook.url}${webhookPath}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify(customerEvent(sent++)),
      })
      return response.status === 202 ? undefined : `${response.status} ${await response.text()}`
    }
    await until('the proxy accepts events', async () => (await send()) === undefined)
    const refused: string[] = []

    let isOver = false
    const sending = Promise.all(
      Array.from({ length: 4 }, async () => {
        while (!isOver) {
          const refusal = await send()
          if (refusal !== undefined) refused.push(refusal)
          await sleep(100)
        }
      }),
    )
    t.after(() => {
      isOver = true
    })
    const moreEvents = () => {
      const before = sent
      return until('senders went on', () => sent >= before + 20)
    }
    for (const name of names) {
      const node = await restart(name, moreEvents)
      if (name.startsWith('ingest'))
        await until(
          'the proxy sends events to it again',
          async () => ((await node.status()).totals.accepted ?? 0) > 0,
        )
      await moreEvents()
    }
    isOver = true
    await sending
    assert.deepEqual(refused, [], `of ${sent}`)

    assert.equal(await send(), undefined)
    const last = sent - 1
    await until('the last event is delivered', () => attributesAt(simulator, last)?.seen === String(last))
    await until('nothing is pending', async () => (await operators.status()).inbox.pending === 0)
  })
})
