import { createTable } from './format.ts'
import { escapeControls } from './output.ts'

const maxWidth = 40

/** A table as wide as its cells. Cells of the last column are never cut: it is the one to copy from. */
export function formatRows(
  titles: readonly string[],
  cells: readonly (readonly string[])[],
  isTerminal: boolean,
): string {
  const rows = cells.map((row) => row.map(escapeControls)) // before the widths are known
  const columns = titles.map((title, index) => {
    const longest = Math.max(title.length, ...rows.map((row) => row[index]?.length ?? 0))
    return { title, width: index === titles.length - 1 ? longest : Math.min(longest, maxWidth) }
  })
  const table = createTable(columns, isTerminal)
  return table.header() + rows.map((row) => table.row(row.map((cell) => [cell]))).join('')
}
