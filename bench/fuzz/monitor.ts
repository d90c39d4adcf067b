import { setTimeout as sleep } from 'node:timers/promises'
import type { FuzzEnvironment } from './environment.ts'
import type { Sample } from './memory.ts'
import { processorWaitMs } from './processor-wait.ts'

export interface Monitor {
  readonly samples: readonly Sample[]
  /** Response times of the probes in ms, without the time the two processes waited for a processor. */
  readonly probesMs: readonly number[]
  stop(): Promise<void>
}

const probeEveryMs = 100

/** Samples the service's memory and probes it regularly. */
export function monitor(
  { url, pid, memory }: FuzzEnvironment,
  sampleEveryMs: number,
  sent: () => number,
): Monitor {
  const samples: Sample[] = []
  const probesMs: number[] = []
  let running = true

  async function sample(): Promise<void> {
    samples.push({ ...(await memory()), sent: sent() })
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
