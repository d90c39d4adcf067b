import type { ChildProcess } from 'node:child_process'
import { z } from 'zod'

/** The memory of the service's process after a full garbage collection. */
const serviceMemory = z.object({
  /** JavaScript objects in use. */
  heapMb: z.number(),
  /** Buffers and other memory that JavaScript objects hold outside the heap. */
  externalMb: z.number(),
  /** Also has free memory that V8 and the allocator keep. */
  rssMb: z.number(),
})

export type ServiceMemory = z.infer<typeof serviceMemory>

/** Arguments of Node.js for a process that `askForMemory` can ask. */
export const memoryArguments: readonly string[] = [
  '--expose-gc',
  '--import',
  new URL('./report-memory.ts', import.meta.url).href,
]

/** One call at a time. Rejects when the process has ended. */
export async function askForMemory(child: ChildProcess, exited: Promise<unknown>): Promise<ServiceMemory> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>()
  child.once('message', resolve)
  child.send('memory', (error) => error !== null && reject(error))
  void exited.then(() => reject(new Error('the process has ended')))
  return serviceMemory.parse(await promise)
}
