import type { ServiceMemory } from './service-memory.ts'

// Loaded into the process of the service (`--import`). Answers each message with the memory after a full garbage collection: before
// one, the heap is mostly garbage, and V8 keeps more of it the more memory the machine has.

process.on('message', () => {
  globalThis.gc?.()
  const { rss, heapUsed, external } = process.memoryUsage()
  const mb = (bytes: number) => bytes / 1e6
  process.send?.({ heapMb: mb(heapUsed), externalMb: mb(external), rssMb: mb(rss) } satisfies ServiceMemory)
})
process.channel?.unref() // the service ends as it does without this file
