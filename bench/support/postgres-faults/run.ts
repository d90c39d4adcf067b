import { skipWithoutPgBouncer } from '../../../test/helpers/pgbouncer.ts'
import { skipWithoutPostgres } from '../../../test/helpers/postgres.ts'
import { createOwner } from '../setup.ts'
import type { FaultResult } from './fault.ts'
import { type FaultTableOptions, faultGroups, startFaultServer } from './fault-table.ts'

export interface FaultTableSummary {
  /** Runs of the whole table without a problem. */
  readonly green: number
  readonly results: readonly FaultResult[]
  readonly skipped: readonly string[]
}

/** Runs the whole fault table several times in a row, and stops at the first problem. */
export async function runFaultTable(
  times: number,
  options: FaultTableOptions,
  onRun: (run: number) => void,
): Promise<FaultTableSummary> {
  const results: FaultResult[] = []
  const skipped = new Set<string>()
  if (skipWithoutPostgres !== false) return { green: 0, results, skipped: [skipWithoutPostgres] }
  let green = 0
  while (green < times) {
    const found: FaultResult[] = []
    const onResult = (result: FaultResult) => {
      found.push(result)
      options.onResult(result)
    }
    for (const reason of await runOnce({ ...options, onResult })) skipped.add(reason)
    results.push(...found)
    if (found.some(({ problems }) => problems.length > 0)) break
    green += 1
    onRun(green)
  }
  return { green, results, skipped: [...skipped] }
}

async function runOnce(options: FaultTableOptions): Promise<string[]> {
  const skipped: string[] = []
  const owner = createOwner()
  try {
    const server = await startFaultServer(owner)
    for (const { name, needsPgBouncer, run } of faultGroups) {
      const group = createOwner()
      try {
        const reason =
          needsPgBouncer && skipWithoutPgBouncer !== false
            ? skipWithoutPgBouncer
            : await run(group, server, options)
        if (reason !== undefined) skipped.push(`${name}: ${reason}`)
      } finally {
        await group.release()
      }
    }
  } finally {
    await owner.release()
  }
  return skipped
}

/** One row per fault: sums of the counts, and the worst of the rest. */
export function tableOf(results: readonly FaultResult[]): string {
  const rows = [...Map.groupBy(results, ({ fault }) => fault)].map(([fault, runs]) => {
    const sum = (count: 'accepted' | 'refused' | 'lost') =>
      runs.reduce((total, run) => total + run[count], 0).toLocaleString('en')
    const worst = (value: 'longestAnswerMs' | 'recoveredMs') =>
      (Math.max(...runs.map((run) => run[value])) / 1_000).toFixed(1)
    const share = Math.max(...runs.map(({ cpuShare }) => cpuShare)).toFixed(2)
    const counts = [sum('accepted'), sum('refused'), sum('lost')]
    return [fault, String(runs.length), ...counts, worst('longestAnswerMs'), worst('recoveredMs'), share]
  })
  const titles = ['Fault', 'Runs', 'Answered 202', '503', 'Lost', 'Longest answer, s', 'Back after, s', 'CPU']
  return [titles, titles.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |\n`).join('')
}
