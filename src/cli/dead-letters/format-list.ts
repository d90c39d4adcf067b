import { errorEntry } from '../../errors.ts'
import type { DeadLetterCounts, DeadLetterItem } from '../admin/answers.ts'
import { count, formatTime, grouped, quoted } from '../format.ts'
import { formatRows } from '../format-rows.ts'
import { escapeControls } from '../output.ts'

interface ListFormat {
  /** Of all dead letters that match, listed or not. */
  readonly counts: DeadLetterCounts
  /** The command that replays the dead letters of the list that have this code. */
  readonly replayCommand: (code: string) => string
  readonly isTerminal: boolean
}

/** A table of dead letters, and a summary of all that match by code and rule, with the next step for each code. */
export function formatDeadLetters(
  letters: readonly DeadLetterItem[],
  { counts, replayCommand, isTerminal }: ListFormat,
): string {
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
  const shown =
    letters.length < counts.total
      ? `The first ${grouped(letters.length)} of ${count(counts.total, 'dead letter')}: narrow the list with --code, --rule, --conversation or --since, or raise --limit.`
      : `${count(letters.length, 'dead letter')}.`
  const summary = counts.codes.flatMap((code) => formatCode(code, replayCommand))
  return `${formatRows(titles, rows, isTerminal)}\n${shown}\n${summary.map(escapeControls).join('\n')}\n`
}

type CodeCount = DeadLetterCounts['codes'][number]

function formatCode({ code, count: letters, rules }: CodeCount, replayCommand: ListFormat['replayCommand']) {
  const entry = errorEntry(code)
  return [
    '',
    `${code}: ${count(letters, 'dead letter')}${entry === undefined ? '' : `. ${entry.title}`}`,
    ...(rules.length === 0 ? [] : [`  By rule: ${formatRuleCounts(rules, letters)}`]),
    ...(entry === undefined ? [] : [`  ${entry.remedy}`]),
    `  Then: ${replayCommand(code)}`,
  ]
}

/** `"channel" 3, "vip" 1 (a dead letter can have several rules)`. */
function formatRuleCounts(rules: CodeCount['rules'], letters: number): string {
  const sum = rules.reduce((all, { count: times }) => all + times, 0)
  const text = rules.map(({ rule, count: times }) => `${quoted(rule)} ${grouped(times)}`).join(', ')
  return sum > letters ? `${text} (a dead letter can have several rules)` : text
}

/** The text if no dead letter fits the options. `all`: counts without options. */
export function formatNoMatch(all: DeadLetterCounts): string {
  if (all.total === 0) return 'No dead letters.\n'
  const codes = all.codes.map(({ code, count: times }) => `${code} ${grouped(times)}`)
  const rules = new Set(all.codes.flatMap((code) => code.rules.map(({ rule }) => quoted(rule))))
  const lines = [
    `No dead letter matches. Without these options, the inbox has ${grouped(all.total)}: ${codes.join(', ')}.`,
    ...(rules.size === 0 ? [] : [`Their rules: ${[...rules].join(', ')}.`]),
  ]
  return `${lines.map(escapeControls).join('\n')}\n`
}
