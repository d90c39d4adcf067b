import { setTimeout as sleep } from 'node:timers/promises'
import { processorWaitMs } from './processor-wait.ts'
import type { Stage } from './stage.ts'

export interface Sample {
  /** Requests that had been sent. */
  readonly sent: number
  readonly rssMb: number
  /** Of the JavaScript heap, with what is not collected yet. */
  readonly heapMb: number
}

export interface Watch {
  readonly samples: readonly Sample[]
  /** How long a probe waited for its answer, in ms, less what the two processes waited for a processor meanwhile. */
  readonly probesMs: readonly number[]
  stop(): Promise<void>
}

const probeEveryMs = 100

/** Reads the memory of the service every so often, and asks it all the time whether it still answers. */
export function watch({ url, pid }: Stage, sampleEveryMs: number, sent: () => number): Watch {
  const samples: Sample[] = []
  const probesMs: number[] = []
  let running = true

  async function sample(): Promise<void> {
    const text = await (await fetch(`${url}/metrics`)).text()
    const mbOf = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]) / 1e6
    samples.push({
      sent: sent(),
      rssMb: mbOf('process_resident_memory_bytes'),
      heapMb: mbOf('nodejs_heap_size_used_bytes'),
    })
  }

  async function probe(): Promise<void> {
    const waitedMs = () => processorWaitMs([pid, process.pid])
    const [startedAt, waitedBefore] = [performance.now(), waitedMs()]
    await (await fetch(`${url}/livez`)).text()
    const tookMs = performance.now() - startedAt
    probesMs.push(Math.max(0, tookMs - (waitedMs() - waitedBefore)))
  }

  /** A service that is gone is told by who watches its process. */
  async function loop(everyMs: number, act: () => Promise<void>): Promise<void> {
    while (running) {
      await act().catch(() => undefined)
      await sleep(everyMs)
    }
  }

  const loops = [loop(sampleEveryMs, sample), loop(probeEveryMs, probe)]
  return {
    samples,
    probesMs,
    stop: async () => {
      running = false
      await Promise.all(loops)
    },
  }
}
