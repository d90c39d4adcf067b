import assert from 'node:assert/strict'
import { access } from 'node:fs/promises'
import { test } from 'node:test'
import { parse } from 'yaml'
import { z } from 'zod'
import { readPage } from '../docs/markdown.ts'
import { dashboardPath, uid } from './dashboard-file.ts'

const service = z.object({
  image: z.string(),
  profiles: z.array(z.string()).optional(),
  read_only: z.boolean(),
  cap_drop: z.array(z.string()),
  security_opt: z.array(z.string()),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).default({}),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  tmpfs: z.array(z.string()).default([]),
})

const { services, volumes } = z
  .object({ services: z.record(z.string(), service), volumes: z.record(z.string(), z.null()) })
  .parse(parse(await readPage('docker/compose.yaml'), { merge: true }))

const monitoring = Object.entries(services).filter(([, { profiles }]) => profiles?.includes('monitoring'))
const { prometheus, grafana } = services

test('every container is read-only and has no capability, and every port is local', () => {
  const ports = Object.values(services).flatMap((container) => container.ports)
  for (const [name, container] of Object.entries(services)) {
    assert.equal(container.read_only, true, name)
    assert.deepEqual(container.cap_drop, ['ALL'], name)
    assert.deepEqual(container.security_opt, ['no-new-privileges:true'], name)
  }
  for (const port of ports) assert.match(port, /^127\.0\.0\.1:\d+:\d+$/)
  assert.equal(new Set(ports.map((port) => port.split(':')[1])).size, ports.length)
})

test('without the profile, compose starts only the service, the simulator and the events', () => {
  const always = Object.keys(services).filter((name) => services[name]?.profiles === undefined)
  assert.deepEqual(always.sort(), ['enricher', 'events', 'simulator'])
})

test('the profile `monitoring` starts Prometheus and Grafana with pinned versions', () => {
  assert.deepEqual(monitoring.map(([name]) => name).sort(), ['grafana', 'prometheus'])
  for (const [name, { image }] of monitoring) assert.match(image, /^[a-z]+\/[a-z]+:v?\d+\.\d+\.\d+$/, name)
})

test('the containers of the profile mount existing files read-only, and otherwise named volumes', async () => {
  for (const [name, container] of monitoring) {
    for (const volume of container.volumes) {
      const [source = '', , mode] = volume.split(':')
      if (!source.startsWith('./')) {
        assert.ok(source in volumes, volume)
        continue
      }
      assert.equal(mode, 'ro', `${name}: ${volume}`)
      await assert.doesNotReject(access(new URL(`../../docker/${source}`, import.meta.url)), volume)
    }
  }
})

/** The path of a file of the repository in a container. */
function pathIn(container: z.infer<typeof service> | undefined, file: string): string | undefined {
  for (const volume of container?.volumes ?? []) {
    const [source = '', target = ''] = volume.split(':')
    const folder = source.replace(/^\./, 'docker')
    if (file.startsWith(`${folder}/`)) return file.replace(folder, target)
  }
  return undefined
}

test('Prometheus reads the configuration of this repository and scrapes the service of the file', async () => {
  const file = 'docker/prometheus/prometheus.yaml'
  assert.ok(prometheus?.command?.includes(`--config.file=${pathIn(prometheus, file)}`))
  const { scrape_configs: jobs } = parse(await readPage(file))
  const [host = '', port] = jobs[0].static_configs[0].targets[0].split(':')
  assert.ok(services[host]?.ports.some((published) => published.endsWith(`:${port}`)))
})

test('Grafana finds the data source, the dashboard and the folder of dashboards', async () => {
  const provisioning = 'docker/grafana/provisioning'
  const { datasources } = parse(await readPage(`${provisioning}/datasources/prometheus.yaml`))
  const { providers } = parse(await readPage(`${provisioning}/dashboards/genesys-enricher.yaml`))
  const { global } = parse(await readPage('docker/prometheus/prometheus.yaml'))
  assert.equal(pathIn(grafana, `${provisioning}/datasources`), '/etc/grafana/provisioning/datasources')
  assert.equal(pathIn(grafana, dashboardPath)?.replace(/\/[^/]+$/, ''), providers[0].options.path)
  assert.equal(datasources[0].url, 'http://prometheus:9090')
  assert.equal(datasources[0].jsonData.timeInterval, global.scrape_interval)
})

test('Grafana shows the dashboard to everybody, and lets nobody log in or install plugins', () => {
  const { environment = {} } = grafana ?? {}
  assert.equal(environment.GF_AUTH_ANONYMOUS_ENABLED, 'true')
  assert.equal(environment.GF_AUTH_ANONYMOUS_ORG_ROLE, 'Viewer')
  assert.equal(environment.GF_AUTH_BASIC_ENABLED, 'false')
  assert.equal(environment.GF_AUTH_DISABLE_LOGIN_FORM, 'true')
  assert.equal(environment.GF_PLUGINS_PREINSTALL_DISABLED, 'true')
})

test('docker/README.md has the command of the profile and the addresses of its pages', async () => {
  const page = await readPage('docker/README.md')
  assert.ok(page.includes('docker compose -f docker/compose.yaml --profile monitoring up'))
  const published = (container: typeof grafana) => container?.ports[0]?.split(':').slice(0, 2).join(':')
  assert.ok(page.includes(`http://${published(grafana)}/d/${uid}`))
  assert.ok(page.includes(`http://${published(prometheus)}/alerts`))
})
