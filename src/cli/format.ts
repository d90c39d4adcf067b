import type { ConversationEvent } from '../event.ts'
import { escapeControls, escapeLines } from './output.ts'

/** `1,204` */
export const grouped = (number: number): string => number.toLocaleString('en-US')

/** `1 rule`, `1,204 rows`. */
export const count = (number: number, noun: string, plural = `${noun}s`): string =>
  `${grouped(number)} ${number === 1 ? noun : plural}`

/** Quotes a value and escapes line breaks. */
export const quoted = (value: string): string => JSON.stringify(value)

/** A title and a list, each item on its own line. */
export const formatList = (title: string, items: readonly string[]): string =>
  [title, ...items.map((item) => `  - ${item}`), ''].join('\n')

/** `conversation:created, customer.start, conversation c1, participant p1`. */
export const formatEvent = ({
  type,
  topic,
  conversationId,
  participantId,
}: Pick<ConversationEvent, 'type' | 'topic' | 'conversationId' | 'participantId'>): string =>
  [
    type,
    ...(topic === undefined ? [] : [topic]),
    `conversation ${conversationId}`,
    participantId === undefined ? 'no participant' : `participant ${participantId}`,
  ].join(', ')

/** The text of a JSON document, for `--json`. JSON itself escapes only the control characters below U+0020. */
export const formatDocument = (document: unknown): string =>
  `${escapeLines(JSON.stringify(document, null, 2))}\n`

const units = [
  { name: 'd', ms: 86_400_000 },
  { name: 'h', ms: 3_600_000 },
  { name: 'min', ms: 60_000 },
  { name: 's', ms: 1_000 },
]

/** `0 s`, `42 s`, `2 min 5 s`, `3 d 4 h`: the two largest units, rounded down. */
export function formatDuration(durationMs: number): string {
  const first = units.findIndex(({ ms }) => durationMs >= ms)
  if (first === -1) return '0 s'
  let restMs = durationMs
  const parts = units.slice(first, first + 2).map(({ name, ms }) => {
    const number = Math.floor(restMs / ms)
    restMs -= number * ms
    return { number, name }
  })
  return parts
    .filter(({ number }) => number > 0)
    .map(({ number, name }) => `${number} ${name}`)
    .join(' ')
}

/** `2026-01-31T09:30:00Z`, which `--since` accepts. */
export const formatTime = (time: string): string => `${time.slice(0, 19)}Z`

/** Lines of names and values, aligned. A value can have several lines; control characters in a line are escaped. */
export function formatFields(fields: readonly (readonly [name: string, lines: readonly string[]])[]): string {
  const width = Math.max(...fields.map(([name]) => name.length)) + 2
  return fields
    .flatMap(([name, lines]) =>
      lines.map((line, index) => `${(index === 0 ? name : '').padEnd(width)}${escapeControls(line)}\n`),
    )
    .join('')
}

export interface Column {
  readonly title: string
  readonly width: number
}

export interface Table {
  header(): string
  /** Each cell is a list of lines. Lines longer than the column are cut with `…`, control characters are escaped. */
  row(cells: readonly (readonly string[])[]): string
}

/** Aligned columns. A terminal gets a bold header and a faint rule, other outputs plain text. */
export function createTable(columns: readonly Column[], isTerminal: boolean): Table {
  const style = (code: number, text: string) => (isTerminal ? `\u001b[${code}m${text}\u001b[0m` : text)
  const line = (cells: readonly string[]): string =>
    columns
      .map(({ width }, index) => fit(cells[index] ?? '', width))
      .join('  ')
      .trimEnd()
  const rule = style(2, columns.map(({ width }) => (isTerminal ? '─' : '-').repeat(width)).join('  '))
  return {
    header: () => `${style(1, line(columns.map(({ title }) => title)))}\n${rule}\n`,
    row: (cells) => {
      const height = Math.max(1, ...cells.map((lines) => lines.length))
      const lines = Array.from({ length: height }, (_, index) => line(cells.map((cell) => cell[index] ?? '')))
      return `${lines.join('\n')}\n`
    },
  }
}

function fit(cell: string, width: number): string {
  const text = escapeControls(cell)
  return text.length > width ? `${text.slice(0, width - 1)}…` : text.padEnd(width)
}
