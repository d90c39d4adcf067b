/** What is wrong with the file of a table. Holds names of columns, never keys or cells. */
export interface TableProblem {
  readonly message: string
  /** Of the file, from 1. */
  readonly line?: number
}

/** Collects what is wrong with a file: counts everything, keeps the first. */
export interface Problems {
  add(message: string, line?: number): void
  /** Whether nothing was added yet. */
  none(): boolean
  /** By line; the last one says how many more there are. */
  list(): readonly TableProblem[]
}

const mostListed = 20

export function createProblems(): Problems {
  const kept: TableProblem[] = []
  let count = 0
  return {
    add: (message, line) => {
      count += 1
      if (kept.length < mostListed) kept.push(line === undefined ? { message } : { message, line })
    },
    none: () => count === 0,
    list: () => {
      const sorted = kept.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0))
      return count > kept.length
        ? [...sorted, { message: `and ${count - kept.length} more problems` }]
        : sorted
    },
  }
}
