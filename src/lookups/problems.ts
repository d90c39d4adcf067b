/** What is wrong with the file of a table. Holds names of columns, never keys or cells. */
export interface TableProblem {
  readonly message: string
  /** From 1. In JSON a row counts, which is an entry of its list or map; else a line. */
  readonly line?: number
  readonly row?: number
}

/** Collects what is wrong with a file: counts everything, keeps the first. */
export interface Problems {
  /** `unit`: what `at` counts, if not the unit of the file. */
  add(message: string, at?: number, unit?: 'line' | 'row'): void
  readonly unit: 'line' | 'row'
  /** Whether nothing was added yet. */
  none(): boolean
  /** By place; the last one says how many more there are. */
  list(): readonly TableProblem[]
}

const mostListed = 20

export function createProblems(unit: Problems['unit'] = 'line'): Problems {
  const kept: TableProblem[] = []
  let count = 0
  return {
    unit,
    add: (message, at, counted = unit) => {
      count += 1
      if (kept.length < mostListed) kept.push(at === undefined ? { message } : { message, [counted]: at })
    },
    none: () => count === 0,
    list: () => {
      const sorted = kept.toSorted((a, b) => (a.line ?? a.row ?? 0) - (b.line ?? b.row ?? 0))
      return count > kept.length
        ? [...sorted, { message: `and ${count - kept.length} more problems` }]
        : sorted
    },
  }
}
