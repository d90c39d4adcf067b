import { getHeapStatistics } from 'node:v8'
import type { ServiceMemory } from './service-memory.ts'

// Loaded into the process of the service (`--import`). Answers each message with the memory after a full garbage collection: before
// one, the heap is mostly garbage, and V8 keeps more of it the more memory the machine has.

process.on('message', () => {
  globalThis.gc?.()
  const { rss, heapUsed } = process.memoryUsage()
  const mb = (bytes: number) => bytes / 1e6
  process.send?.({
    heapMb: mb(heapUsed),
    outsideMb: mb(rss - getHeapStatistics().total_physical_size),
    rssMb: mb(rss),
  } satisfies ServiceMemory)
})
process.channel?.unref() // the service ends as it does without this file
