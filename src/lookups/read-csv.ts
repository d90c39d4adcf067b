import { pipeline } from 'node:stream/promises'
import { CsvError, parse } from 'csv-parse'
import { suggest } from '../values/messages.ts'
import { maxRowBytes } from './table.ts'
import {
  createTableBuilder,
  maxColumns,
  type Problems,
  StopReading,
  type TableBuilder,
} from './table-builder.ts'

/**
 * Reads CSV (RFC 4180) with a header, in chunks, and yields to the event loop after each. Line ends can be mixed; empty lines
 * are skipped. Stops at a broken quote, because the start of the next row is unknown. Adds a problem and returns undefined
 * if there is no header; throws StopReading if the header is invalid or the table is full.
 */
export async function readCsv(
  chunks: AsyncIterable<Buffer>,
  { key, delimiter }: { readonly key: string; readonly delimiter: string },
  problems: Problems,
): Promise<TableBuilder | undefined> {
  let rows: ReturnType<typeof startRows> | undefined
  const lines = createLineCount()
  const parser = parse({
    bom: true,
    delimiter,
    record_delimiter: ['\r\n', '\n', '\r'],
    // Reported below, with all other problems.
    relax_column_count: true,
    skip_empty_lines: true,
    // Finds a quote that is never closed. A row that is only too long is reported like other bad rows.
    max_record_size: maxRowBytes * 2,
    on_record: (cells: string[], { lines: counted }) => {
      const line = lines.ofRow(cells, counted)
      if (rows === undefined) rows = startRows(cells, key, line, problems)
      else rows.add(cells, line)
      // No output: the rows are already in the builder.
      return null
    },
  })
  parser.resume()
  try {
    await pipeline(chunks, parser)
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    problems.add(...describe(error, lines))
  }
  if (rows === undefined && problems.isEmpty()) problems.add('is empty: the first line must name the columns')
  return rows?.builder
}

function startRows(header: readonly string[], key: string, line: number, problems: Problems) {
  const keyAt = checkHeader(header, key, line, problems)
  if (keyAt === undefined) throw new StopReading()
  const builder = createTableBuilder(problems, key)
  for (const column of header.toSpliced(keyAt, 1)) builder.cellOf(column)
  return {
    builder,
    add: (cells: readonly string[], line: number): void => {
      if (cells.length !== header.length)
        problems.add(`has ${count(cells.length)}, but the header has ${count(header.length)}`, line)
      else builder.add(cells[keyAt] ?? '', cells.toSpliced(keyAt, 1), line)
    },
  }
}

const count = (cells: number): string => (cells === 1 ? '1 cell' : `${cells} cells`)

const likelyDelimiters = [';', '\t', '|', ',']

/** The index of the key column. Adds problems and returns undefined if the header is invalid. */
function checkHeader(
  header: readonly string[],
  key: string,
  line: number,
  problems: Problems,
): number | undefined {
  if (header.length > maxColumns + 1) {
    problems.add(`has ${header.length} columns: the limit is ${maxColumns + 1}`, line)
    return undefined
  }
  const keyAt = header.indexOf(key)
  if (keyAt === -1) problems.add(describeMissing(header, key), line)
  let valid = keyAt !== -1
  for (const [position, column] of header.entries()) {
    const first = header.indexOf(column)
    if (column === '') problems.add(`column ${position + 1} has no name`, line)
    else if (first !== position)
      problems.add(`columns ${first + 1} and ${position + 1} are both named ${JSON.stringify(column)}`, line)
    else continue
    valid = false
  }
  return valid ? keyAt : undefined
}

function describeMissing(header: readonly string[], key: string): string {
  const missing = `there is no column ${JSON.stringify(key)}`
  const [only = ''] = header
  const separator = likelyDelimiters.find((delimiter) => only.includes(delimiter))
  if (header.length === 1 && separator !== undefined)
    return `${missing}, only ${JSON.stringify(only)}: set delimiter: ${JSON.stringify(separator)} if it separates the cells`
  const meant = suggest(key, header)
  const hint = meant === undefined ? '' : `did you mean ${JSON.stringify(meant)}? `
  return `${missing}: ${hint}the columns are ${listed(header)}`
}

const listed = (columns: readonly string[]): string =>
  columns
    .slice(0, 20)
    .map((column) => JSON.stringify(column))
    .join(', ') + (columns.length > 20 ? ', …' : '')

/** Corrects the library, which counts a line break of two characters within quotes as two lines. */
function createLineCount() {
  let counted = 0
  let surplus = 0
  return {
    /** The line in which a row begins. `now`: the line in which it ends, as counted by the library. */
    ofRow: (cells: readonly string[], now: number): number => {
      const before = counted
      counted = now
      if (now - before === 1) return now - surplus
      const text = cells.join()
      const breaks = text.match(/\r\n|\r|\n/g)?.length ?? 0
      surplus += (text.match(/[\r\n]/g)?.length ?? 0) - breaks
      return now - surplus - breaks
    },
    /** The line after the last row. */
    next: (): number => counted - surplus + 1,
    corrected: (line: number): number => line - surplus,
  }
}

function describe(
  { code, ...error }: CsvError,
  lines: ReturnType<typeof createLineCount>,
): [message: string, line: number] {
  const line =
    'lines' in error && typeof error.lines === 'number' ? lines.corrected(error.lines) : lines.next()
  const rest = 'the rest of the file was not read'
  switch (code) {
    case 'INVALID_OPENING_QUOTE':
      return [`a quote is inside a cell without quotes: write "a ""quoted"" word"; ${rest}`, line]
    case 'CSV_INVALID_CLOSING_QUOTE':
      return [
        `text follows the closing quote of a cell: write a quote within quotes twice (""); ${rest}`,
        line,
      ]
    case 'CSV_QUOTE_NOT_CLOSED':
      return ['a quote that opens here or below is never closed', lines.next()]
    case 'CSV_MAX_RECORD_SIZE':
      return [`a row that begins here or below does not end: is a quote never closed?; ${rest}`, lines.next()]
    default:
      return [`is not valid CSV (${code}); ${rest}`, line]
  }
}
