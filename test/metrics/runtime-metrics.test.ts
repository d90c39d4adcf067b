import assert from 'node:assert/strict'
import { PerformanceObserver } from 'node:perf_hooks'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Registry } from 'prom-client'
import { createRuntimeMetrics } from '../../src/metrics/runtime-metrics.ts'
import { valuesOf } from '../helpers/exposition.ts'
import { until } from '../helpers/wait.ts'

function make(t: TestContext) {
  const registry = new Registry()
  const runtime = createRuntimeMetrics(registry)
  t.after(() => runtime.stop())
  const value = async (name: string, labels = '') => valuesOf(await registry.metrics(), name)[labels] ?? -1
  return { runtime, value }
}

function holdUp(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}

/** Collects garbage and waits until observers have the entry, which needs another turn of the event loop. */
async function collectGarbage(): Promise<void> {
  setFlagsFromString('--expose-gc')
  let observed = false
  const observer = new PerformanceObserver(() => {
    observed = true
  })
  observer.observe({ entryTypes: ['gc'] })
  runInNewContext('gc')()
  await until('observers have the entry', () => observed)
  observer.disconnect()
}

test('CPU time, start time and memory are exported before and after start()', async (t) => {
  const { runtime, value } = make(t)
  for (const act of [() => undefined, runtime.start, runtime.stop]) {
    act()
    assert.ok((await value('process_cpu_seconds_total')) > 0)
    assert.ok((await value('process_resident_memory_bytes')) > 10_000_000)
    assert.ok((await value('nodejs_heap_size_used_bytes')) > 1_000_000)
    assert.ok(Math.abs((await value('process_start_time_seconds')) - Date.now() / 1000) < 3_600)
  }
})

test('CPU time is that of the process in both modes', async (t) => {
  const { value } = make(t)
  const parts =
    (await value('process_cpu_user_seconds_total')) + (await value('process_cpu_system_seconds_total'))
  assert.ok(parts <= (await value('process_cpu_seconds_total')))
})

test('a blocked event loop shows in one scrape only', async (t) => {
  const { runtime, value } = make(t)
  assert.equal(await value('nodejs_eventloop_lag_max_seconds'), 0, 'nothing is measured before the start')
  runtime.start()
  // A delay before the first timer of a scrape is not measured, so block until one is.
  const max = await until('a delay shows', async () => {
    await sleep(50)
    holdUp(200)
    await sleep(50)
    const seen = await value('nodejs_eventloop_lag_max_seconds')
    return seen > 0.15 && seen
  })
  assert.ok(max < 60, String(max))
  assert.equal(await value('nodejs_eventloop_lag_max_seconds'), 0)
})

test('garbage collections are counted between start and stop', async (t) => {
  const { runtime, value } = make(t)
  const collections = () => value('nodejs_gc_duration_seconds_count', 'major')
  await collectGarbage()
  assert.equal(await collections(), 0)
  runtime.start()
  await collectGarbage()
  const counted = await until('it is counted', async () => {
    const seen = await collections()
    return seen > 0 && seen
  })
  runtime.stop()
  await collectGarbage()
  assert.equal(await collections(), counted)
  runtime.stop()
})
