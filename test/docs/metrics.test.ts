import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ExposedFamily, readExposition, valuesOf } from '../helpers/exposition.ts'
import { startInProcess } from '../helpers/in-process.ts'
import { createConversations, customerEvent, setUp, tagCustomers } from '../helpers/process.ts'
import { until } from '../helpers/wait.ts'
import { readPage } from './markdown.ts'
import { type MetricRow, metricRowsOf } from './metric-table.ts'

const page = await readPage('docs/operations/metrics.md')

const rows = metricRowsOf(page)

/** The row that the page should have for a metric, with the label values that it lists. */
function rowOf({ name, type, samples }: ExposedFamily): MetricRow {
  const labels: Record<string, string[]> = {}
  for (const sample of samples) {
    for (const [label, value] of Object.entries(sample.labels)) {
      if (label === 'le') continue
      labels[label] = [...new Set(labels[label]).add(value)]
    }
  }
  const documented = rows.find((row) => row.name === name)?.labels ?? {}
  for (const label of Object.keys(labels)) if (documented[label]?.length === 0) labels[label] = []
  return { name, type, labels }
}

const sorted = (list: readonly MetricRow[]) =>
  list
    .map(({ name, type, labels }) => ({
      name,
      type,
      labels: Object.entries(labels)
        .map(([label, values]) => `${label}=${[...values].sort().join('|')}`)
        .sort(),
    }))
    .sort((a, b) => a.name.localeCompare(b.name))

const undecidedToo = `${tagCustomers}
  - { name: needs a queue, on: [conversation:created], when: event.queueId == "q", set: { queued: true } }
lookups:
  crm: { url: "https://crm.example.com/{key}" }
`

test('docs/operations/metrics.md lists exactly the metrics of a running service, with type and labels', async (t) => {
  const { simulator, environment } = await setUp(t, { rules: undecidedToo })
  createConversations(simulator, 1)
  const service = await startInProcess(t, environment)
  const text = async () => (await fetch(`${service.url}/metrics`)).text()
  await service.post([{ ...customerEvent(0), userId: 5 }, { type: 'none' }])
  await service.post(customerEvent(0), { authorization: 'Bearer wrong' })
  await until('it is applied', async () => (await service.status()).totals.applied === 1)
  assert.deepEqual(sorted(rows), sorted(readExposition(await text()).map(rowOf)))

  const { totals } = await service.status()
  const metrics = await text()
  const received = valuesOf(metrics, 'genesys_enricher_events_received_total')
  const { accepted, duplicates: duplicate, ignored, rejected } = totals
  assert.deepEqual(received, { accepted, duplicate, ignored, rejected })
  const calls = Object.values(valuesOf(metrics, 'genesys_enricher_api_calls_total'))
  assert.equal(
    calls.reduce((sum, value) => sum + value, 0),
    totals.calls,
  )
  assert.deepEqual(valuesOf(metrics, 'genesys_enricher_rule_undecided_total'), {
    'tag customers': 0,
    'needs a queue': totals.undecided,
  })
  assert.deepEqual(valuesOf(metrics, 'genesys_enricher_delivery_delay_seconds_count'), { '': totals.applied })
  const requests = valuesOf(metrics, 'genesys_enricher_webhook_requests_total')
  assert.deepEqual([requests[202], requests[401]], [1, 1])
})
