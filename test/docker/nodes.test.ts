import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { access } from 'node:fs/promises'
import { test } from 'node:test'
import { parse } from 'yaml'
import { z } from 'zod'
import { readConfig } from '../../src/config/config.ts'
import { roles } from '../../src/inbox/inbox.ts'
import { webhookPath } from '../../src/ingest/ingest.ts'
import { readPage } from '../docs/markdown.ts'
import { haproxy, proxyFile, proxyText, sectionOf, skipWithoutHaproxy } from './haproxy.ts'

const service = z.object({
  image: z.string(),
  read_only: z.boolean(),
  cap_drop: z.array(z.string()),
  security_opt: z.array(z.string()),
  restart: z.string().optional(),
  user: z.string().optional(),
  command: z.array(z.string()).optional(),
  depends_on: z.record(z.string(), z.object({ condition: z.literal('service_healthy') })).default({}),
  environment: z.record(z.string(), z.string()).default({}),
  healthcheck: z.object({ test: z.array(z.string()).default([]) }).optional(),
  ports: z.array(z.string()).default([]),
  stop_grace_period: z.string().optional(),
  volumes: z.array(z.string()).default([]),
})

const read = async (file: string) => parse(await readPage(`docker/${file}`), { merge: true })
const { services: written, volumes } = await read('compose.nodes.yaml')
const services = z.record(z.string(), service).parse({
  ...written,
  simulator: (await read(written.simulator.extends.file)).services[written.simulator.extends.service],
})
const nodes = Object.entries(services).filter(([, { environment }]) => environment.ROLE !== undefined)
const namesOf = (role: string) =>
  nodes.filter(([, { environment }]) => environment.ROLE === role).map(([name]) => name)

const configOf = (name: string) => {
  const result = readConfig({ ...services[name]?.environment, RULES_FILE: '/config/rules.yaml' })
  assert.ok(result.kind === 'ok', JSON.stringify(result))
  return result.config
}

test('two nodes take events and two deliver, each with valid settings and no more secrets than it needs', () => {
  assert.deepEqual(namesOf('ingest'), ['ingest-1', 'ingest-2'])
  assert.deepEqual(namesOf('deliver'), ['deliver-1', 'deliver-2'])
  for (const [name] of nodes) {
    const { warnings, node, genesys, webhook } = configOf(name)
    assert.deepEqual(warnings, [], name)
    assert.equal(genesys.clientSecret !== '', node.role === 'deliver', name)
    assert.equal(webhook.tokens.length > 0, node.role === 'ingest', name)
  }
})

test('all nodes share inbox, OAuth client, lease and rules', async () => {
  const shared = nodes.map(([name]) => {
    const { inbox, genesys, node } = configOf(name)
    return {
      url: inbox.url,
      client: genesys.clientId,
      leaseMs: node.leaseMs,
      volumes: services[name]?.volumes,
    }
  })
  for (const settings of shared) assert.deepEqual(settings, shared[0])
  assert.deepEqual(shared[0]?.volumes, ['./rules.yaml:/config/rules.yaml:ro'])
  const { username, password, hostname, pathname } = new URL(shared[0]?.url ?? '')
  const { environment = {} } = services[hostname] ?? {}
  assert.equal(environment.POSTGRES_USER, username)
  assert.equal(environment.POSTGRES_PASSWORD, password)
  assert.equal(`/${environment.POSTGRES_DB}`, pathname)
})

test('a node has more time to stop than it takes, is ready by /readyz, and starts again', () => {
  for (const [name, node] of nodes) {
    const seconds = Number(/^(\d+)s$/.exec(node.stop_grace_period ?? '')?.[1])
    assert.ok(seconds * 1_000 >= configOf(name).shutdownGraceMs + 5_000, name)
    assert.match(node.healthcheck?.test.join(' ') ?? '', /\/readyz/, name)
    assert.equal(node.restart, 'unless-stopped', name)
    assert.deepEqual(Object.keys(node.depends_on), ['postgres', 'simulator'], name)
  }
})

test('every container is read-only and has no capability, every port is local, every other image is pinned', () => {
  const ports = Object.values(services).flatMap((container) => container.ports)
  for (const [name, { image, ...container }] of Object.entries(services)) {
    assert.equal(container.read_only, true, name)
    assert.deepEqual(container.cap_drop, ['ALL'], name)
    assert.deepEqual(container.security_opt, ['no-new-privileges:true'], name)
    if (image !== 'genesys-enricher') assert.match(image, /^[a-z]+:\d+\.\d+/, name)
    assert.ok(
      Object.keys(container.depends_on).every((other) => other in services),
      name,
    )
  }
  for (const port of ports) assert.match(port, /^127\.0\.0\.1:\d+:\d+$/)
  assert.equal(new Set(ports.map((port) => port.split(':')[1])).size, ports.length)
  assert.equal(services.postgres?.user, 'postgres', 'the image of PostgreSQL starts as root')
})

test('mounted files exist and are read-only, and the inbox is in a named volume', async () => {
  for (const [name, container] of Object.entries(services))
    for (const volume of container.volumes) {
      const [source = '', , mode] = volume.split(':')
      if (!source.startsWith('./')) assert.ok(source in volumes, `${name}: ${volume}`)
      else {
        assert.equal(mode, 'ro', `${name}: ${volume}`)
        await assert.doesNotReject(access(new URL(`../../docker/${source}`, import.meta.url)), volume)
      }
    }
  assert.ok(services.postgres?.volumes.some((volume) => volume.startsWith('postgres:')))
})

const serversOf = (title: string) =>
  [...sectionOf(title).matchAll(/^ +server (\S+) (\S+):(\d+)/gm)].map(([, name, host, port]) => {
    assert.equal(name, host)
    assert.equal(port, '8080')
    return name
  })

test('the proxy sends events to the nodes that take them, and operators to the others', () => {
  for (const role of roles.filter((each) => each !== 'all'))
    assert.deepEqual(serversOf(`backend ${role}`), namesOf(role))
  assert.match(sectionOf('backend ingest'), /^ +option httpchk GET \/readyz$/m)
  assert.match(
    sectionOf('frontend webhook'),
    new RegExp(`deny_status 404 unless \\{ path ${webhookPath} \\}$`, 'm'),
  )
  const binds = [...proxyText.matchAll(/^ +bind :(\d+)$/gm)].map(([, port]) => port)
  assert.deepEqual(
    services.proxy?.ports.map((port) => port.split(':')[2]),
    binds,
  )
  const alive = /^ +monitor-uri (\S+)$/m.exec(proxyText)?.[1]
  assert.ok(services.proxy?.healthcheck?.test.includes(`http://127.0.0.1:${binds[0]}${alive}`))
})

test('HAProxy accepts its configuration', { skip: skipWithoutHaproxy }, () => {
  execFileSync(haproxy ?? '', ['-c', '-q', '-f', proxyFile], { stdio: 'pipe' })
})
