import { closest, distance } from 'fastest-levenshtein'
import type { Problems } from './problems.ts'
import { maxColumns } from './table-builder.ts'

const likelyDelimiters = [';', '\t', '|', ',']

/** The position of the key's column; undefined if the rows cannot be read by this header, which is told as problems. */
export function checkHeader(
  header: readonly string[],
  key: string,
  line: number,
  problems: Problems,
): number | undefined {
  if (header.length > maxColumns + 1) {
    problems.add(`has ${header.length} columns: ${maxColumns + 1} are the most`, line)
    return undefined
  }
  const keyAt = header.indexOf(key)
  if (keyAt === -1) problems.add(describeMissing(header, key), line)
  let sound = keyAt !== -1
  for (const [position, column] of header.entries()) {
    const first = header.indexOf(column)
    if (column === '') problems.add(`column ${position + 1} has no name`, line)
    else if (first !== position)
      problems.add(`columns ${first + 1} and ${position + 1} are both named ${JSON.stringify(column)}`, line)
    else continue
    sound = false
  }
  return sound ? keyAt : undefined
}

function describeMissing(header: readonly string[], key: string): string {
  const missing = `there is no column ${JSON.stringify(key)}`
  const [only = ''] = header
  const between = likelyDelimiters.find((delimiter) => only.includes(delimiter))
  if (header.length === 1 && between !== undefined)
    return `${missing}, only ${JSON.stringify(only)}: say delimiter: ${JSON.stringify(between)} if that separates the cells`
  const near = closest(
    key.toLowerCase(),
    header.map((column) => column.toLowerCase()),
  )
  const meant = header.find((column) => column.toLowerCase() === near)
  const hint =
    meant !== undefined && distance(key.toLowerCase(), near) <= 2
      ? `did you mean ${JSON.stringify(meant)}? `
      : ''
  return `${missing}: ${hint}the columns are ${listed(header)}`
}

const listed = (columns: readonly string[]): string =>
  columns
    .slice(0, 20)
    .map((column) => JSON.stringify(column))
    .join(', ') + (columns.length > 20 ? ', …' : '')
