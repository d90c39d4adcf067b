import { closest, distance } from 'fastest-levenshtein'
import type { Problems } from './problems.ts'
import { maxColumns } from './table-builder.ts'

const likelyDelimiters = [';', '\t', '|', ',']

/** The index of the key column. Adds problems and returns undefined if the header is invalid. */
export function checkHeader(
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
