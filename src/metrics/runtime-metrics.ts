import { constants, monitorEventLoopDelay, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks'
import { Histogram, type Registry } from 'prom-client'
import { addFamily, counter, gauge } from './families.ts'

export interface RuntimeMetrics {
  /** Starts to observe the event loop and the garbage collector. */
  start(): void
  /** Stops for good. Idempotent. */
  stop(): void
}

const garbageCollections: Readonly<Record<number, string>> = {
  [constants.NODE_PERFORMANCE_GC_MAJOR]: 'major',
  [constants.NODE_PERFORMANCE_GC_MINOR]: 'minor',
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL]: 'incremental',
  [constants.NODE_PERFORMANCE_GC_WEAKCB]: 'weakcb',
}

/** Interval of the event loop timer. Half the interval would cost twice the CPU time. */
const samplingMs = 20

/**
 * Process metrics with the names of `collectDefaultMetrics` of prom-client. That function is not used, because its observers
 * cannot be stopped: every service in a process would leak two.
 */
export function createRuntimeMetrics(registry: Registry): RuntimeMetrics {
  for (const family of processFamilies) addFamily(registry, family)
  const lag = addEventLoopLag(registry)
  const collections = addGarbageCollections(registry)
  return {
    start: () => {
      lag.enable()
      collections.observe({ entryTypes: ['gc'] })
    },
    stop: () => {
      lag.disable()
      collections.disconnect()
    },
  }
}

const processFamilies = [
  counter('process_cpu_user_seconds_total', 'CPU time in user mode.', () => process.cpuUsage().user / 1e6),
  counter(
    'process_cpu_system_seconds_total',
    'CPU time in system mode.',
    () => process.cpuUsage().system / 1e6,
  ),
  counter('process_cpu_seconds_total', 'CPU time.', () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1e6
  }),
  gauge(
    'process_start_time_seconds',
    'When the process started, in seconds since 1970.',
    () => performance.timeOrigin / 1000,
  ),
  gauge('process_resident_memory_bytes', 'Resident memory.', () => process.memoryUsage().rss),
  gauge('nodejs_heap_size_total_bytes', 'Heap reserved.', () => process.memoryUsage().heapTotal),
  gauge('nodejs_heap_size_used_bytes', 'Heap used.', () => process.memoryUsage().heapUsed),
  gauge(
    'nodejs_external_memory_bytes',
    'Memory outside the heap, such as buffers.',
    () => process.memoryUsage().external,
  ),
]

/** The timer delay since the last scrape; 0 if no timer was due. */
function addEventLoopLag(registry: Registry): ReturnType<typeof monitorEventLoopDelay> {
  const lag = monitorEventLoopDelay({ resolution: samplingMs })
  const add = (statistic: string, nanos: () => number) =>
    addFamily(
      registry,
      gauge(
        `nodejs_eventloop_lag_${statistic}_seconds`,
        `Event loop delay since the last scrape: ${statistic}.`,
        () => {
          const late = lag.count === 0 ? 0 : nanos() / 1e9 - samplingMs / 1000 // the histogram includes the interval
          return Math.max(0, late)
        },
      ),
    )
  add('mean', () => lag.mean)
  add('p50', () => lag.percentile(50))
  add('p90', () => lag.percentile(90))
  add('p99', () => lag.percentile(99))
  // prom-client reads families in the order of registration, so this last one resets the histogram.
  add('max', () => {
    const { max } = lag
    lag.reset()
    return max
  })
  return lag
}

function addGarbageCollections(registry: Registry): PerformanceObserver {
  const durations = new Histogram({
    name: 'nodejs_gc_duration_seconds',
    help: 'Duration of garbage collections.',
    labelNames: ['kind'],
    buckets: [0.001, 0.01, 0.1, 1, 2, 5],
    registers: [registry],
  })
  for (const kind of Object.values(garbageCollections)) durations.zero({ kind })
  return new PerformanceObserver((list) => {
    for (const entry of list.getEntries())
      durations.observe({ kind: kindOf(entry) ?? 'other' }, entry.duration / 1000)
  })
}

function kindOf(entry: PerformanceEntry): string | undefined {
  const detail = 'detail' in entry ? entry.detail : undefined
  if (typeof detail !== 'object' || detail === null || !('kind' in detail)) return undefined
  return garbageCollections[Number(detail.kind)]
}
