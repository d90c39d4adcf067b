import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from 'yaml'
import { readPage } from '../docs/markdown.ts'
import {
  annotations,
  charts,
  dashboardText,
  expressions,
  type Panel,
  panels,
  templating,
} from './dashboard-file.ts'
import { checkExpression, labelsOf, rowOf, serviceMetrics } from './known-metrics.ts'
import { parsePromql } from './promql.ts'

/** Panels that Grafana brings. */
const builtIn = ['stat', 'gauge', 'bargauge', 'table', 'timeseries', 'state-timeline']

const metricsOf = (expression: string): readonly string[] =>
  parsePromql(expression).selectors.map(({ metric }) => metric)

test('the dashboard uses only metrics, labels and values of labels that exist', () => {
  assert.ok(expressions.length > 40)
  for (const { where, expr } of expressions) checkExpression(expr, where)
})

test('the dashboard shows every metric of the service', () => {
  const shown = new Set(
    expressions.flatMap(({ expr }) => metricsOf(expr)).map((metric) => rowOf(metric)?.name),
  )
  assert.ok(serviceMetrics.length > 40)
  assert.deepEqual(
    serviceMetrics.map(({ name }) => name).filter((name) => !shown.has(name)),
    [],
  )
})

test('every query of the dashboard follows the selected services', () => {
  for (const { where, expr } of expressions) {
    for (const { metric, matchers } of parsePromql(expr).selectors) {
      if (metric === 'ALERTS') continue // alerts of all services, and some have no instance
      const instance = matchers.find(({ label }) => label === 'instance')
      assert.deepEqual(instance, { label: 'instance', operator: '=~', value: '$instance' }, where)
    }
  }
})

test('legends show only labels that their query returns', () => {
  for (const { title, targets } of charts) {
    for (const { expr, legendFormat = '' } of targets) {
      const { groupLabels, selectors } = parsePromql(expr)
      const aggregated = /\b(sum|max|min|count|topk)\b/.test(expr)
      const labels = aggregated ? groupLabels : selectors.flatMap(({ metric }) => labelsOf(metric))
      for (const [, label = ''] of legendFormat.matchAll(/\{\{(\w+)\}\}/g))
        assert.ok(labels.includes(label), `${title}: ${label}`)
    }
  }
})

test('histograms are read by their buckets, with le, and counters by rate or increase', () => {
  for (const { where, expr } of expressions) {
    if (expr.includes('histogram_quantile')) assert.match(expr, /by \(le\)/, where)
    for (const metric of metricsOf(expr)) {
      if (rowOf(metric)?.type !== 'counter' || metric === 'genesys_enricher_odd_fields_total') continue
      assert.match(expr, new RegExp(`(rate|increase)\\(${metric}\\{`), where)
    }
  }
})

test('every data source reference resolves to the Prometheus that is provisioned', async () => {
  const file = 'docker/grafana/provisioning/datasources/prometheus.yaml'
  const { datasources } = parse(await readPage(file))
  const variable = templating.list.find(({ type }) => type === 'datasource')
  assert.equal(datasources.length, 1)
  assert.equal(datasources[0].isDefault, true)
  assert.equal(variable?.query, datasources[0].type)
  const references = [
    ...panels.flatMap(({ datasource }) => (datasource === undefined ? [] : [datasource])),
    ...charts.flatMap(({ targets }) => targets.map(({ datasource }) => datasource)),
    ...annotations.list.map(({ datasource }) => datasource),
    ...templating.list.flatMap(({ datasource }) => (datasource === undefined ? [] : [datasource])),
  ]
  for (const reference of references)
    assert.deepEqual(reference, { type: datasources[0].type, uid: `\${${variable?.name}}` })
})

test('the variables of queries are those of the dashboard, or of Grafana', () => {
  const names = [...templating.list.map(({ name }) => name), '__rate_interval', '__range']
  for (const { where, expr } of expressions)
    for (const [, name = ''] of expr.matchAll(/\$(\w+)/g))
      assert.ok(names.includes(name), `${where}: ${name}`)
  const instance = templating.list.find(({ name }) => name === 'instance')
  assert.ok(typeof instance?.query === 'object')
  const [, metric = '', label] = /^label_values\((\w+), (\w+)\)$/.exec(instance.query.query) ?? []
  assert.ok(rowOf(metric))
  assert.equal(label, 'instance')
})

test('every panel has a title of its own, a description, queries and a unit', () => {
  for (const { title, type, description = '', targets, datasource, fieldConfig } of charts) {
    assert.ok(builtIn.includes(type), `${title}: ${type}`)
    assert.match(description, /\.$/, title)
    assert.ok(datasource !== undefined && targets.length > 0, title)
    if (type !== 'table') assert.ok(fieldConfig?.defaults.unit, title)
    assert.equal(new Set(targets.map(({ refId }) => refId)).size, targets.length, title)
  }
  const titles = charts.map(({ title }) => title)
  assert.equal(new Set(titles).size, titles.length)
})

test('the ids of panels differ, and no panel covers another', () => {
  assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length)
  const cells = panels.flatMap(cellsOf)
  assert.equal(new Set(cells).size, cells.length)
})

function cellsOf({ title, gridPos: { x, y, w, h } }: Panel): readonly string[] {
  assert.ok(x >= 0 && x + w <= 24, title)
  return Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`)
}

test('the file has the format in which Grafana exports a dashboard', () => {
  assert.equal(dashboardText, `${JSON.stringify(JSON.parse(dashboardText), null, 2)}\n`)
})
