import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parsePromql } from './promql.ts'

const metricsOf = (expression: string) => parsePromql(expression).selectors.map(({ metric }) => metric)

test('metrics are read with their label matchers', () => {
  assert.deepEqual(parsePromql('rate(requests_total{status=~"401|5..", instance="a:1"}[5m]) > 0').selectors, [
    {
      metric: 'requests_total',
      matchers: [
        { label: 'status', operator: '=~', value: '401|5..' },
        { label: 'instance', operator: '=', value: 'a:1' },
      ],
    },
  ])
})

test('metrics without matchers are read, but functions, keywords, numbers and ranges are not', () => {
  assert.deepEqual(metricsOf('pending > 0.8 * max_pending'), ['pending', 'max_pending'])
  assert.deepEqual(metricsOf('sum by (a) (fields_total) unless sum by (a) (fields_total offset 1d)'), [
    'fields_total',
    'fields_total',
  ])
  assert.deepEqual(metricsOf('(time() - start_seconds) * 1e3 or vector(0)'), ['start_seconds'])
  assert.deepEqual(metricsOf('topk (10, increase(matches_total[$__range]))'), ['matches_total'])
})

test('labels of groups are read from aggregations and joins', () => {
  assert.deepEqual(parsePromql('max by (a, b) (x * on (c) group_left (d) y)').groupLabels, [
    'a',
    'b',
    'c',
    'd',
  ])
})
