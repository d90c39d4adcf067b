/** A JSON number in its written form, such as an id of 20 digits, or 1.50. */
class NumberText {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** Parses JSON and keeps the written form of numbers. Throws a SyntaxError, whose message quotes the JSON. */
export const parseLosslessJson = (text: string): unknown =>
  JSON.parse(text, (_name, value: unknown, context?: { readonly source?: string }) =>
    typeof value === 'number' ? new NumberText(context?.source ?? String(value)) : value,
  )

export const isJsonMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof NumberText)

/** The text of a cell; undefined for maps and lists. */
export function cellText(value: unknown): string | undefined {
  if (value === null) return ''
  if (value instanceof NumberText) return value.text
  return typeof value === 'string' || typeof value === 'boolean' ? String(value) : undefined
}
