import assert from 'node:assert/strict'
import { test } from 'node:test'
import { version } from '../../src/config/version.ts'
import type { DeliveryState } from '../../src/deliver/delivery-state.ts'
import { createServer } from '../../src/http/server.ts'
import {
  createMetrics,
  type MetricsDeps,
  prefersOpenMetrics,
  registerMetrics,
  toOpenMetrics,
} from '../../src/metrics/metrics.ts'
import { count, createDetails, createTotals } from '../../src/metrics/totals.ts'
import { valuesOf } from '../helpers/exposition.ts'
import { emptyStats } from '../helpers/idle.ts'
import { captureLog } from '../helpers/log.ts'

const delivery: DeliveryState = {
  state: 'running',
  pausedUntil: undefined,
  reason: undefined,
  wedged: false,
  rebuilds: 0,
}

function make(changes: Partial<MetricsDeps> = {}) {
  const details = createDetails()
  const totals = createTotals(details)
  const metrics = createMetrics({
    totals,
    details,
    inbox: { stats: async () => emptyStats },
    maxPending: 10,
    deliveryState: () => delivery,
    rules: () => ({ version: 'abc', rules: 2, loadedAt: 5_000, reloads: 3, failures: 1, stale: true }),
    ruleNames: () => ['tag vip'],
    lookupFailures: () => [{ table: 'crm', cause: 'timeout', count: 6 }],
    pressure: () => ({
      cause: 'memory',
      heldBytes: 7,
      maxHeldBytes: 9,
      refused: { event_loop: 2, memory: 3 },
    }),
    keysUnavailable: () => ({ jwt: 0, sns: 0 }),
    oddFields: () => [{ envelope: 'canonical', field: 'participant.ani', count: 4 }],
    budget: () => ({ allowed: 300, remaining: 280 }),
    nodes: () => [],
    delivers: () => true,
    now: () => 100_000,
    ...changes,
  })
  const values = async (name: string) => valuesOf(await metrics.text(), `genesys_enricher_${name}`)
  return { metrics, totals, details, values }
}

test('counts are exported and do not change when they are read', async () => {
  const { totals, details, values } = make()
  totals.accepted += 3
  totals.applied += 2
  count(details.dead, 'expired', 4)
  count(details.calls, 'rate_limited')
  count(details.matched, 'tag vip')
  count(details.undecided, 'tag "vip"\\\n')
  for (let round = 0; round < 2; round += 1) {
    assert.deepEqual(await values('events_received_total'), {
      accepted: 3,
      duplicate: 0,
      ignored: 0,
      rejected: 0,
    })
    const settled = await values('events_settled_total')
    assert.equal(settled['applied,'], 2)
    assert.equal(settled['dead,expired'], 4)
    assert.equal(settled['dead,rejected'], 0)
    assert.equal((await values('api_calls_total')).rate_limited, 1)
    assert.deepEqual(await values('pauses_total'), { '': 1 })
    assert.deepEqual(await values('rule_matches_total'), { 'tag vip': 1 })
    assert.deepEqual(await values('rule_undecided_total'), { 'tag vip': 0, 'tag \\"vip\\"\\\\\\n': 1 })
    assert.deepEqual(await values('lookup_failures_total'), { 'crm,timeout': 6 })
  }
})

test('held bytes and refused requests by cause are exported', async () => {
  const { values } = make()
  assert.deepEqual(await values('webhook_held_bytes'), { '': 7 })
  assert.deepEqual(await values('webhook_max_held_bytes'), { '': 9 })
  assert.deepEqual(await values('webhook_overload_refusals_total'), { event_loop: 2, memory: 3 })
})

test('totals are the sums of the counts by label', () => {
  const { totals, details } = make()
  count(details.dead, 'expired', 2)
  count(details.dead, 'forbidden')
  count(details.calls, 'ok', 5)
  count(details.calls, 'rate_limited', 2)
  count(details.undecided, 'a')
  count(details.undecided, 'b', 2)
  const { dead, calls, rateLimited, undecided } = totals
  assert.deepEqual(
    { dead, calls, rateLimited, undecided },
    { dead: 3, calls: 7, rateLimited: 2, undecided: 3 },
  )
  assert.equal(JSON.parse(JSON.stringify(totals)).dead, 3, 'the admin route shows them too')
})

test('webhook requests are counted by status, with the duration in seconds', async () => {
  const { metrics, values } = make()
  metrics.answered(202, 4)
  metrics.answered(202, 2_000)
  metrics.answered(401, 1)
  const requests = await values('webhook_requests_total')
  assert.equal(requests[202], 2)
  assert.equal(requests[401], 1)
  assert.equal(requests[503], 0)
  const buckets = await values('webhook_duration_seconds_bucket')
  assert.deepEqual(
    ['0.001', '0.005', '1', '2.5', '+Inf'].map((le) => buckets[le]),
    [1, 2, 2, 3, 3],
  )
  assert.deepEqual(await values('webhook_duration_seconds_sum'), { '': 2.005 })
})

test('the delivery delay has buckets up to an hour', async () => {
  const { metrics, values } = make()
  for (const delayMs of [80, 4_000, 90_000, 7_200_000]) metrics.applied(delayMs)
  const buckets = await values('delivery_delay_seconds_bucket')
  assert.deepEqual(
    ['0.05', '0.1', '5', '60', '120', '3600', '+Inf'].map((le) => buckets[le]),
    [0, 1, 2, 2, 3, 3, 4],
  )
})

test('in OpenMetrics, the delivery delay has a sampled trace as exemplar; plain text has none', async () => {
  const { metrics } = make()
  const trace = (flags: string) => `00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-${flags}`
  metrics.applied(80, { traceparent: trace('01') })
  metrics.applied(4_000, { traceparent: trace('00') })
  metrics.applied(90_000)
  const text = await metrics.openMetrics()
  const exemplars = [...text.matchAll(/^(.*) # (\{.*\} \S+) /gm)].map(([, ...found]) => found)
  assert.deepEqual(exemplars, [
    [
      'genesys_enricher_delivery_delay_seconds_bucket{le="0.1"} 1',
      '{trace_id="0af7651916cd43dd8448eb211c80319c",span_id="b7ad6b7169203331"} 0.08',
    ],
  ])
  assert.equal([...text.matchAll(/^# EOF$/gm)].length, 1)
  assert.match(text, /\n# EOF\n$/)
  assert.doesNotMatch(await metrics.text(), /trace_id|EOF/)
})

test('each scrape reads the inbox; the age of an empty inbox is 0', async () => {
  let stats = emptyStats
  const { values } = make({ inbox: { stats: async () => stats } })
  assert.deepEqual(await values('inbox_oldest_pending_seconds'), { '': 0 })
  stats = {
    pending: 7,
    replayed: 0,
    inFlight: 2,
    dead: 1,
    oldestAcceptedAt: 58_500,
    oldestReplayedAt: undefined,
  }
  assert.deepEqual(await values('inbox_pending'), { '': 7 })
  assert.deepEqual(await values('inbox_in_flight'), { '': 2 })
  assert.deepEqual(await values('inbox_dead'), { '': 1 })
  assert.deepEqual(await values('inbox_oldest_pending_seconds'), { '': 41.5 })
  assert.deepEqual(await values('inbox_max_pending'), { '': 10 })
})

test('while the inbox fails, its metrics are absent and the others are exported', async () => {
  let fails = false
  const stats = async () => (fails ? Promise.reject(new Error('hush')) : { ...emptyStats, pending: 5 })
  const { values } = make({ inbox: { stats } })
  assert.deepEqual(await values('inbox_pending'), { '': 5 })
  fails = true
  assert.deepEqual(await values('inbox_pending'), {})
  assert.deepEqual(await values('budget_remaining_calls'), { '': 280 })
  fails = false
  assert.deepEqual(await values('inbox_pending'), { '': 5 })
})

test('the current delivery state is 1, the others are 0', async () => {
  let state: DeliveryState = delivery
  const { values } = make({ deliveryState: () => state })
  for (const name of ['running', 'paused', 'open'] as const) {
    state = { ...delivery, state: name, rebuilds: 3 }
    assert.deepEqual(await values('delivery_state'), { running: 0, paused: 0, open: 0, [name]: 1 })
  }
  assert.deepEqual(await values('limiter_rebuilds_total'), { '': 3 })
})

test('build_info has the versions', async () => {
  const { metrics, values } = make()
  assert.deepEqual(await values('build_info'), { [`${version},${process.versions.node}`]: 1 })
  assert.match(await metrics.text(), /build_info\{version="[^"]+",node="\d+\./)
})

test('two services in one process have separate counts', async () => {
  const [one, other] = [make(), make()]
  one.metrics.answered(202, 1)
  count(one.details.matched, 'only')
  assert.equal((await other.values('webhook_requests_total'))[202], 0)
  assert.deepEqual(await other.values('rule_matches_total'), { 'tag vip': 0 })
})

test('the rules have version and load time, reloads are counted by result', async () => {
  const { values } = make()
  assert.deepEqual(await values('rules_info'), { abc: 1 })
  assert.deepEqual(await values('rules_loaded_timestamp_seconds'), { '': 5 })
  assert.deepEqual(await values('rules_reloads_total'), { '': 3 })
  assert.deepEqual(await values('rules_reload_failures_total'), { '': 1 })
  assert.deepEqual(await values('rules_file_invalid'), { '': 1 })
})

test('notification metrics are 0 without notification websockets', async () => {
  const names = [
    'channels',
    'connected',
    'rejected_total',
    'reconnects_total',
    'renewals_total',
    'gap_seconds_total',
  ]
  const off = make()
  for (const name of names) assert.deepEqual(await off.values(`notifications_${name}`), { '': 0 })
  assert.equal((await off.values('notifications_messages_total')).event, 0)
  const messages = { event: 5, heartbeat: 9, closing: 1, unreadable: 2 }
  const { values } = make({
    notifications: () => ({
      channels: 3,
      connected: 2,
      topics: 9,
      lastMessageAt: undefined,
      messages,
      rejected: 6,
      lastRejected: undefined,
      reconnects: 4,
      renewals: 7,
      gapMs: 1_500,
      failure: undefined,
      problems: [],
    }),
  })
  assert.deepEqual(await values('notifications_messages_total'), messages)
  const numbers = await Promise.all(names.map(async (name) => (await values(`notifications_${name}`))['']))
  assert.deepEqual(numbers, [3, 2, 6, 4, 7, 1.5])
})

test('odd fields are counted by envelope and field', async () => {
  const text = await make().metrics.text()
  assert.match(
    text,
    /^genesys_enricher_odd_fields_total\{envelope="canonical",field="participant\.ani"\} 4$/m,
  )
})

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
  assert.equal(`${toOpenMetrics(plain)}# EOF\n`, openMetrics)
})

test('each format has its content type, and a scrape in one does not change the other', async (t) => {
  const server = createServer({ logger: captureLog().logger, maxBodyBytes: 1_000, random: () => 0 })
  t.after(() => server.close())
  registerMetrics(server, { text: async () => plain, openMetrics: async () => openMetrics })
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
