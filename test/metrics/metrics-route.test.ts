import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createServer } from '../../src/http/server.ts'
import { prefersOpenMetrics, registerMetrics, toOpenMetrics } from '../../src/metrics/metrics-route.ts'
import { captureLog } from '../helpers/log.ts'

const plain = `# HELP a_total Counts, in _total.
# TYPE a_total counter
a_total{x="1"} 2

# HELP b_total A gauge with the name of a counter.
# TYPE b_total gauge
b_total 3

# HELP c Without samples.
# TYPE c gauge
`

const openMetrics = `# HELP a Counts, in _total.
# TYPE a counter
a_total{x="1"} 2
# HELP b_total A gauge with the name of a counter.
# TYPE b_total gauge
b_total 3
# HELP c Without samples.
# TYPE c gauge
# EOF
`

for (const [accept, expected] of [
  [undefined, false],
  ['', false],
  ['*/*', false],
  ['text/plain', false],
  ['application/openmetrics-text', true],
  ['Application/OpenMetrics-Text; Version=1.0.0', true],
  ['application/openmetrics-text;q=0', false],
  ['application/openmetrics-text;q=0.3,text/plain;q=0.5', false],
  ['application/openmetrics-text;q=much', false],
  // the defaults of Prometheus 2 and 3
  [
    'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
    true,
  ],
  [
    'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1',
    true,
  ],
] as const) {
  test(`Accept ${accept ?? 'absent'}: ${expected ? 'OpenMetrics' : 'plain text'}`, () => {
    assert.equal(prefersOpenMetrics(accept), expected)
  })
}

test('in OpenMetrics, only counter families lose the suffix _total', () => {
  assert.equal(toOpenMetrics(plain), openMetrics)
})

test('each format has its content type, and a scrape in one does not change the other', async (t) => {
  const server = createServer({ logger: captureLog().logger, maxBodyBytes: 1_000, random: () => 0 })
  t.after(() => server.close())
  registerMetrics(server, { text: async () => plain })
  const get = async (accept: string) => {
    const { statusCode, headers, body } = await server.inject({ url: '/metrics', headers: { accept } })
    assert.equal(statusCode, 200)
    assert.equal(headers.vary, 'Accept')
    return [headers['content-type'], body]
  }
  const asPlain = ['text/plain; version=0.0.4; charset=utf-8', plain]
  const asOpen = ['application/openmetrics-text; version=1.0.0; charset=utf-8', openMetrics]
  assert.deepEqual(await get('*/*'), asPlain)
  assert.deepEqual(await get('application/openmetrics-text'), asOpen)
  assert.deepEqual(await get('*/*'), asPlain)
  const head = await server.inject({ method: 'HEAD', url: '/metrics' })
  assert.deepEqual([head.statusCode, head.body], [200, ''])
})
