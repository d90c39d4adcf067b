import { readFileSync } from 'node:fs'

/**
 * How long the main threads of these processes have been ready to run and waited for a processor, in ms since their start:
 * on a machine that others use too, time that no code can be blamed for. Linux tells; elsewhere it is 0.
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
