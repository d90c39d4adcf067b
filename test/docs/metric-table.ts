/** A row of the tables in docs/operations/metrics.md. */
export interface MetricRow {
  readonly name: string
  readonly type: string
  /** The values that the page lists for a label; empty if the page cannot list them. */
  readonly labels: Readonly<Record<string, readonly string[]>>
}

export const metricRowsOf = (page: string): readonly MetricRow[] =>
  [...page.matchAll(/^\| `(\w+)` \| (counter|gauge|histogram) \| (.*?) ?\| /gm)].map(
    ([, name = '', type = '', labels = '']) => ({ name, type, labels: labelsOf(labels) }),
  )

/** Reads a cell such as `` `outcome`: `applied`, `dead`; `code` ``. */
const labelsOf = (cell: string): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(
    [...cell.matchAll(/`(\w+)`(?:: ((?:`\w+`(?:, )?)+))?(?=;|,|$)/g)].map(([, label = '', values = '']) => [
      label,
      [...values.matchAll(/`(\w+)`/g)].map(([, value = '']) => value),
    ]),
  )
