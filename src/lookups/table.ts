/**
 * The facts of one key: column → text. Has no prototype, so that columns named `constructor` or `__proto__` are columns
 * like any other. A column that this key has no fact for is absent.
 */
export type Row = Readonly<Record<string, string>>

/** Facts by key, all in memory. Never changes: a changed file is loaded as a new table. */
export interface Table {
  /** Every column that a row can have; undefined where that is not known beforehand. */
  readonly columns: readonly string[] | undefined
  /** Rows. */
  readonly size: number
  /** The row of exactly this key; its time does not depend on the size of the table. */
  get(key: string): Row | undefined
}

/** A row to be filled. */
export const emptyRow = (): Record<string, string> => Object.create(null)
