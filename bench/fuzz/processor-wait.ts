import { readFileSync } from 'node:fs'

/**
 * Time in ms that the main threads of these processes have waited for a processor since their start: on a shared
 * machine, the code is not responsible for this time. 0 on systems other than Linux.
 * https://docs.kernel.org/scheduler/sched-stats.html
 */
export const processorWaitMs = (pids: readonly (number | undefined)[]): number =>
  pids.reduce<number>((sum, pid) => sum + waitOf(pid), 0)

function waitOf(pid: number | undefined): number {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[1]) / 1e6
  } catch {
    return 0
  }
}
