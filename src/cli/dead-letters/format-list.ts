import { errorEntry } from '../../errors.ts'
import type { DeadLetterItem } from '../admin/answers.ts'
import { count, formatTime, quoted } from '../format.ts'
import { formatRows } from '../format-rows.ts'

/** A table of dead letters, and a summary by code and rule with the next step for each code. */
export function formatDeadLetters(
  letters: readonly DeadLetterItem[],
  more: boolean,
  isTerminal: boolean,
): string {
  if (letters.length === 0) return 'No dead letters.\n'
  const rows = letters.map(({ diedAt, code, type, topic, rules, conversationId, attempts, id }) => [
    formatTime(diedAt),
    code ?? '',
    topic ?? type,
    rules.join(', '),
    String(attempts),
    conversationId,
    id,
  ])
  const titles = ['DIED AT', 'CODE', 'EVENT', 'RULES', 'ATTEMPTS', 'CONVERSATION', 'ID']
  const shown = more
    ? `The first ${count(letters.length, 'dead letter')}; more match: narrow the list with --code, --rule or --since, or raise --limit.`
    : `${count(letters.length, 'dead letter')}.`
  return `${formatRows(titles, rows, isTerminal)}\n${shown}\n${summarise(letters).join('\n')}\n`
}

function summarise(letters: readonly DeadLetterItem[]): readonly string[] {
  const byCode = Map.groupBy(letters, ({ code }) => code ?? '')
  return [...byCode].flatMap(([code, same]) => {
    const byRule = Map.groupBy(same, ({ rules }) => rules.map(quoted).join(', '))
    const entry = errorEntry(code)
    return [
      '',
      `${code}: ${count(same.length, 'dead letter')}${entry === undefined ? '' : `. ${entry.title}`}`,
      ...[...byRule].map(
        ([rules, { length }]) => `  ${length} of ${rules === '' ? 'no rule' : `rule ${rules}`}`,
      ),
      ...(entry === undefined ? [] : [`  ${entry.remedy}`]),
      `  Then: genesys-enricher dead-letters replay --code ${code}`,
    ]
  })
}
