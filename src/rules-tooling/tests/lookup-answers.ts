import { emptyRow, type Row } from '../../lookups/table.ts'
import type { TableSource } from '../../lookups/tables.ts'
import type { RulesDocument } from '../../rules/file/document.ts'
import { suggest } from '../../values/messages.ts'
import type { DocumentTest } from './tests-document.ts'

/** HTTP lookups with the answers of a test instead of network calls. */
export interface LookupAnswers {
  readonly sources: ReadonlyMap<string, TableSource>
  /** Mistakes in the answers, for a person. */
  readonly problems: readonly string[]
  /** The keys that rules looked up and that have no answer, for a person. */
  unanswered(): readonly string[]
}

/** `lookups`: of the rules file. The test may come from a test file. */
export function createLookupAnswers(test: DocumentTest, lookups: RulesDocument['lookups']): LookupAnswers {
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
            `lookup ${JSON.stringify(table)} needs the key ${JSON.stringify(key)}: add its row to answers, or null for no row`,
          )
        return row ? { kind: 'row', row } : { kind: 'none' }
      },
      fetch: async () => {},
      close: () => {},
    })
  }
  return { sources, problems: problemsOf(given, lookups), unanswered: () => [...missing] }
}

/** Absent columns are "". */
function rowOf(
  { path, document }: DocumentTest,
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
  given: DocumentTest['definition']['answers'],
  lookups: RulesDocument['lookups'],
): readonly string[] {
  return Object.entries(given).flatMap(([table, answers]) => {
    const definition = lookups.get(table)
    if (definition?.kind === 'file')
      return [
        `answers: lookup ${JSON.stringify(table)} is read from its file: answers are for HTTP lookups only`,
      ]
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
  const suggestion = suggest(word, names)
  return suggestion === undefined ? '' : `: did you mean ${JSON.stringify(suggestion)}?`
}
