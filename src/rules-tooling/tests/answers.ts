import { emptyRow, type Row } from '../../lookups/table.ts'
import type { TableSource } from '../../lookups/tables.ts'
import type { RulesDocument } from '../../rules/file/document.ts'
import { suggest } from '../../values/suggest.ts'
import type { PlacedTest } from './placed-test.ts'

/** The tables that are asked over HTTP, answered by a test instead of a network. */
export interface Answers {
  readonly sources: ReadonlyMap<string, TableSource>
  /** What is wrong with the answers as they are written, for a person. */
  readonly problems: readonly string[]
  /** What was asked for and has no answer, for a person. */
  unanswered(): readonly string[]
}

/** `lookups`: of the rules file. The test may stand in another one. */
export function createAnswers(test: PlacedTest, lookups: RulesDocument['lookups']): Answers {
  const given = test.definition.answers
  const missing = new Set<string>()
  const sources = new Map<string, TableSource>()
  for (const [table, definition] of lookups) {
    if (definition.kind !== 'http') continue
    const rows = new Map(
      Object.entries(given[table] ?? {}).map(
        ([key, row]) => [key, row && rowOf(test, table, key, row)] as const,
      ),
    )
    sources.set(table, {
      columns: undefined,
      onError: 'skip',
      peek: (key) => {
        const row = rows.get(key)
        if (row === undefined)
          missing.add(
            `lookup ${JSON.stringify(table)} is asked for ${JSON.stringify(key)}: say in answers what it answers, null for no row`,
          )
        return row ? { kind: 'row', row } : { kind: 'none' }
      },
      fetch: async () => {},
      close: () => {},
    })
  }
  return { sources, problems: problemsOf(given, lookups), unanswered: () => [...missing] }
}

/** A column that is not named is "". */
function rowOf(
  { path, document }: PlacedTest,
  table: string,
  key: string,
  cells: Readonly<Record<string, string | number | boolean>>,
): Row {
  const row = emptyRow()
  for (const [column, value] of Object.entries(cells))
    row[column] = document.sourceText([...path, 'answers', table, key, column], value)
  return row
}

function problemsOf(
  given: PlacedTest['definition']['answers'],
  lookups: RulesDocument['lookups'],
): readonly string[] {
  return Object.entries(given).flatMap(([table, answers]) => {
    const definition = lookups.get(table)
    if (definition?.kind === 'file')
      return [`answers: lookup ${JSON.stringify(table)} is read from its file, a test cannot answer for it`]
    if (definition === undefined)
      return [`answers: there is no lookup ${JSON.stringify(table)}${didYouMean(table, lookups.keys())}`]
    const columns = definition.lookup.columns
    if (columns === undefined) return []
    const used = new Set(Object.values(answers).flatMap((row) => Object.keys(row ?? {})))
    return [...used]
      .filter((column) => !Object.hasOwn(columns, column))
      .map(
        (column) =>
          `answers: lookup ${JSON.stringify(table)} has no column ${JSON.stringify(column)}${didYouMean(column, Object.keys(columns))}`,
      )
  })
}

function didYouMean(word: string, names: Iterable<string>): string {
  const meant = suggest(word, names)
  return meant === undefined ? '' : `: did you mean ${JSON.stringify(meant)}?`
}
