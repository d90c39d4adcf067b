import assert from 'node:assert/strict'
import { access } from 'node:fs/promises'
import { test } from 'node:test'
import { parse } from 'yaml'
import { z } from 'zod'
import { readPage } from '../docs/markdown.ts'
import { checkExpression } from './known-metrics.ts'

const file = z.strictObject({
  groups: z.array(
    z.strictObject({
      name: z.string(),
      rules: z.array(
        z.strictObject({
          alert: z.string().regex(/^GenesysEnricher[A-Z]/),
          expr: z.string(),
          for: z.string().regex(/^\d+[smh]$/),
          labels: z.strictObject({ severity: z.enum(['page', 'ticket']) }),
          annotations: z.strictObject({
            summary: z.string().endsWith('.'),
            remedy: z.string().endsWith('.'),
            docs: z.string(),
          }),
        }),
      ),
    }),
  ),
})

const { groups } = file.parse(parse(await readPage('docker/prometheus/alerts.yaml')))
const alerts = groups.flatMap(({ rules }) => rules)

test('every alert has a name of its own', () => {
  assert.ok(alerts.length >= 13)
  assert.equal(new Set(alerts.map(({ alert }) => alert)).size, alerts.length)
})

for (const { alert, expr, annotations } of alerts) {
  test(`${alert} uses only metrics and labels that exist`, () => {
    const labels = checkExpression(expr, alert)
    const texts = `${annotations.summary} ${annotations.remedy}`
    for (const [, label = ''] of texts.matchAll(/\$labels\.(\w+)/g)) assert.ok(labels.includes(label), label)
  })

  test(`${alert} keeps the labels that its texts show`, () => {
    const kept = [...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, labels = '']) => labels.split(', '))
    if (kept.length === 0) return
    const texts = `${annotations.summary} ${annotations.remedy}`
    for (const [, label = ''] of texts.matchAll(/\$labels\.(\w+)/g)) assert.ok(kept.includes(label), label)
  })

  test(`${alert} refers to a section of the documentation that exists`, async () => {
    const [path = '', anchor] = annotations.docs.split('#')
    const root = new URL('../../', import.meta.url)
    await assert.doesNotReject(access(new URL(path, root)))
    if (anchor === undefined) return
    const headings = [...(await readPage(path)).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
      heading.toLowerCase().replaceAll(' ', '-'),
    )
    assert.ok(headings.includes(anchor), annotations.docs)
  })
}

test('docs/operations/metrics.md lists every alert with severity and time', async () => {
  const page = await readPage('docs/operations/metrics.md')
  const listed = [...page.matchAll(/^\| `(GenesysEnricher\w+)` \| (\w+) \| (\w+) \| .+ \|$/gm)]
  assert.deepEqual(
    listed.map(([, alert, severity, after]) => ({ alert, severity, for: after })),
    alerts.map(({ alert, labels, for: after }) => ({ alert, severity: labels.severity, for: after })),
  )
})

test('Prometheus scrapes the service under the job name that alerts use, and loads the alerts', async () => {
  const { rule_files: files, scrape_configs: jobs } = parse(
    await readPage('docker/prometheus/prometheus.yaml'),
  )
  assert.deepEqual(files, ['alerts.yaml'])
  assert.equal(jobs.length, 1)
  assert.equal(jobs[0].metrics_path, undefined, '/metrics is the default of Prometheus')
  const used = alerts.flatMap(({ expr }) => [...expr.matchAll(/job="([^"]+)"/g)].map(([, job]) => job))
  assert.deepEqual([...new Set(used)], [jobs[0].job_name])
})
