/**
 * The row of one key: column → text. Has no prototype, so that `constructor` and `__proto__` are ordinary columns. A missing
 * cell is absent.
 */
export type Row = Readonly<Record<string, string>>

/** Rows by key, in memory. Immutable: a changed file is loaded as a new table. */
export interface Table {
  /** Every column that a row can have; undefined if the columns are unknown. */
  readonly columns: readonly string[] | undefined
  /** Number of rows. */
  readonly size: number
  /** The row of exactly this key, in constant time. */
  get(key: string): Row | undefined
}

/** A new row without a prototype. */
export const emptyRow = (): Record<string, string> => Object.create(null)
