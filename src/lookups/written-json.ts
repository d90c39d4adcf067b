/** A JSON number as it is written: an id of 20 digits, or 1.50. */
class WrittenNumber {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** Parses JSON and keeps the digits of its numbers. Throws a SyntaxError, whose message quotes the text. */
export const parseWritten = (text: string): unknown =>
  JSON.parse(text, (_name, value: unknown, context?: { readonly source?: string }) =>
    typeof value === 'number' ? new WrittenNumber(context?.source ?? String(value)) : value,
  )

export const isJsonMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof WrittenNumber)

/** The text of a fact; undefined for maps and lists. */
export function factText(value: unknown): string | undefined {
  if (value === null) return ''
  if (value instanceof WrittenNumber) return value.text
  return typeof value === 'string' || typeof value === 'boolean' ? String(value) : undefined
}
