import { pipeline } from 'node:stream/promises'
import { CsvError, parse } from 'csv-parse'
import { checkHeader } from './csv-header.ts'
import type { Problems } from './problems.ts'
import { maxRowBytes } from './row-layout.ts'
import { createTableBuilder, type TableBuilder } from './table-builder.ts'
import { RestUnread } from './utf8-chunks.ts'

export interface CsvOptions {
  /** The column that holds the key. */
  readonly key: string
  readonly delimiter: string
}

/**
 * CSV (RFC 4180) with a header, piece by piece: others have a turn after each piece. Lines end as they like; empty lines
 * are nothing. Throws RestUnread where reading on is in vain. undefined if there is no header to go by, which is told as a problem. What follows a broken quote is not
 * read: where its rows begin is anybody's guess.
 */
export async function readCsv(
  chunks: AsyncIterable<Buffer>,
  { key, delimiter }: CsvOptions,
  problems: Problems,
): Promise<TableBuilder | undefined> {
  let rows: CsvRows | undefined
  const lines = createLineCount()
  const parser = parse({
    bom: true,
    delimiter,
    record_delimiter: ['\r\n', '\n', '\r'],
    // Told in our own words, and all of them.
    relax_column_count: true,
    skip_empty_lines: true,
    // Where a quote is not closed: a row that is only too long is told like any other bad row.
    max_record_size: maxRowBytes * 2,
    on_record: (cells: string[], { lines: counted }) => {
      const line = lines.ofRow(cells, counted)
      if (rows === undefined) rows = startRows(cells, key, line, problems)
      else rows.add(cells, line)
      // Nothing is handed on: the rows are where they belong.
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
  if (rows === undefined && problems.none()) problems.add('is empty: the first line must name the columns')
  return rows?.builder
}

interface CsvRows {
  readonly builder: TableBuilder
  add(cells: readonly string[], line: number): void
}

function startRows(header: readonly string[], key: string, line: number, problems: Problems): CsvRows {
  const keyAt = checkHeader(header, key, line, problems)
  if (keyAt === undefined) throw new RestUnread()
  const builder = createTableBuilder(problems, key)
  for (const column of header.toSpliced(keyAt, 1)) builder.cellOf(column)
  return {
    builder,
    add: (cells, line) => {
      if (cells.length !== header.length)
        return problems.add(`has ${count(cells.length)}, but the header has ${count(header.length)}`, line)
      builder.add(cells[keyAt] ?? '', cells.toSpliced(keyAt, 1), line)
      if (builder.full()) throw new RestUnread()
    },
  }
}

const count = (cells: number): string => (cells === 1 ? '1 cell' : `${cells} cells`)

/** The library counts a line break of two characters within quotes as two lines; this does not. */
function createLineCount() {
  let counted = 0
  let tooMany = 0
  return {
    /** The line in which a row begins, given the number that the library has for its end. */
    ofRow: (cells: readonly string[], now: number): number => {
      const before = counted
      counted = now
      if (now - before === 1) return now - tooMany
      const text = cells.join()
      const breaks = text.match(/\r\n|\r|\n/g)?.length ?? 0
      tooMany += (text.match(/[\r\n]/g)?.length ?? 0) - breaks
      return now - tooMany - breaks
    },
    /** The line after the last row. */
    next: (): number => counted - tooMany + 1,
    corrected: (line: number): number => line - tooMany,
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
      return [
        `a quote stands inside a cell that has none around it: write "a ""quoted"" word"; ${rest}`,
        line,
      ]
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
      return [`is no CSV (${code}); ${rest}`, line]
  }
}
