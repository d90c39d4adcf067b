import assert from 'node:assert/strict'
import { readPage } from '../docs/markdown.ts'
import { type MetricRow, metricRowsOf } from '../docs/metric-table.ts'
import { parsePromql } from './promql.ts'

/** Metrics that Prometheus itself adds. The labels of `ALERTS` are those that alerts.yaml sets or keeps. */
const ofPrometheus: readonly MetricRow[] = [
  { name: 'up', type: 'gauge', labels: {} },
  {
    name: 'ALERTS',
    type: 'gauge',
    labels: {
      alertname: [],
      alertstate: ['pending', 'firing'],
      severity: ['page', 'ticket'],
      status: [],
      code: [],
      envelope: [],
      field: [],
      table: [],
    },
  },
]

/** Labels that Prometheus adds to every scraped sample. */
const targetLabels: readonly string[] = ['instance', 'job']

/**
 * The metrics of the service. test/docs/metrics.test.ts compares this table with `/metrics` of a running service: names,
 * types, labels and values of labels.
 */
export const serviceMetrics: readonly MetricRow[] = metricRowsOf(await readPage('docs/operations/metrics.md'))

const known = [...serviceMetrics, ...ofPrometheus]

/** The row of a metric, or of the histogram whose series it is. */
export function rowOf(metric: string): MetricRow | undefined {
  const histogram = known.find(
    ({ name, type }) => type === 'histogram' && new RegExp(`^${name}_(bucket|sum|count)$`).test(metric),
  )
  return histogram ?? known.find(({ name, type }) => name === metric && type !== 'histogram')
}

export const labelsOf = (metric: string): readonly string[] => [
  ...targetLabels,
  ...Object.keys(rowOf(metric)?.labels ?? {}),
  ...(metric.endsWith('_bucket') ? ['le'] : []),
]

/** Fails if an expression uses a metric, a label or a value of a label that Prometheus never gets. Returns its labels. */
export function checkExpression(expression: string, where: string): readonly string[] {
  const { selectors, groupLabels } = parsePromql(expression)
  assert.ok(selectors.length > 0, where)
  for (const { metric, matchers } of selectors) {
    const row = rowOf(metric)
    assert.ok(row, `${where}: no metric ${metric}`)
    for (const { label, operator, value } of matchers) {
      assert.ok(labelsOf(metric).includes(label), `${where}: ${metric} has no label ${label}`)
      const values = row.labels[label] ?? []
      if (operator === '=' && values.length > 0)
        assert.ok(values.includes(value), `${where}: ${metric} never has ${label}="${value}"`)
    }
  }
  const labels = selectors.flatMap(({ metric }) => labelsOf(metric))
  for (const label of groupLabels) assert.ok(labels.includes(label), `${where}: no label ${label}`)
  return labels
}
