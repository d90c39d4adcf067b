/** A mistake in the file of a table. Can contain column names, never keys or cells. */
export interface TableProblem {
  readonly message: string
  /** From 1. JSON problems have `row`, the entry of the list or map; others have `line`. */
  readonly line?: number
  readonly row?: number
}

/** Collects the problems of a file: counts all and keeps the first 20. */
export interface Problems {
  /** `unit`: the unit of `at`, if not that of the file. */
  add(message: string, at?: number, unit?: 'line' | 'row'): void
  readonly unit: 'line' | 'row'
  /** Whether no problem was added yet. */
  isEmpty(): boolean
  /** Sorted by line or row; the last one gives the number of omitted problems. */
  list(): readonly TableProblem[]
}

const maxListed = 20

export function createProblems(unit: Problems['unit'] = 'line'): Problems {
  const kept: TableProblem[] = []
  let count = 0
  return {
    unit,
    add: (message, at, counted = unit) => {
      count += 1
      if (kept.length < maxListed) kept.push(at === undefined ? { message } : { message, [counted]: at })
    },
    isEmpty: () => count === 0,
    list: () => {
      const sorted = kept.toSorted((a, b) => (a.line ?? a.row ?? 0) - (b.line ?? b.row ?? 0))
      return count > kept.length
        ? [...sorted, { message: `and ${count - kept.length} more problems` }]
        : sorted
    },
  }
}
