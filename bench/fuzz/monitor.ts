import { setTimeout as sleep } from 'node:timers/promises'
import type { FuzzEnvironment } from './environment.ts'
import { processorWaitMs } from './processor-wait.ts'

export interface Sample {
  /** Requests sent so far. */
  readonly sent: number
  readonly rssMb: number
  /** JavaScript heap, including garbage. */
  readonly heapMb: number
}

export interface Monitor {
  readonly samples: readonly Sample[]
  /** Response times of the probes in ms, without the time the two processes waited for a processor. */
  readonly probesMs: readonly number[]
  stop(): Promise<void>
}

const probeEveryMs = 100

/** Samples the service's memory and probes it regularly. */
export function monitor({ url, pid }: FuzzEnvironment, sampleEveryMs: number, sent: () => number): Monitor {
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

  /** Ignores errors: `crash` of the environment reports a crash. */
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
