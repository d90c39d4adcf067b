/** What happened since the process started. */
export interface Totals {
  accepted: number
  duplicates: number
  ignored: number
  rejected: number
  applied: number
  unchanged: number
  dead: number
  /** PATCH calls concluded, whatever their answer. */
  calls: number
  /** Answers 429. */
  rateLimited: number
  /** Evaluations of a rule that lacked data and counted as no match. */
  undecided: number
}

export const createTotals = (): Totals => ({
  accepted: 0,
  duplicates: 0,
  ignored: 0,
  rejected: 0,
  applied: 0,
  unchanged: 0,
  dead: 0,
  calls: 0,
  rateLimited: 0,
  undecided: 0,
})
