/** A rule in no engine's words: each contender writes it in its own. */
export interface BenchRule {
  readonly name: string
  readonly topic: string
  readonly when: Condition
  readonly set: Readonly<Record<string, Value>>
}

export type Condition =
  /** A field of an event or its participant: `participant.address`, `participant.attributes.tier`. */
  | { readonly kind: 'equals' | 'startsWith'; readonly field: string; readonly text: string }
  /** Of the table of customers, in the row of the participant's address. */
  | { readonly kind: 'column'; readonly column: string; readonly text: string }
  | { readonly kind: 'all' | 'any'; readonly parts: readonly Condition[] }

/** A constant, or a text with a field behind it. */
export type Value = string | { readonly text: string; readonly field: string }

export const equals = (field: string, text: string): Condition => ({ kind: 'equals', field, text })
export const startsWith = (field: string, text: string): Condition => ({ kind: 'startsWith', field, text })
export const column = (name: string, text: string): Condition => ({ kind: 'column', column: name, text })
export const all = (...parts: readonly Condition[]): Condition => ({ kind: 'all', parts })
export const any = (...parts: readonly Condition[]): Condition => ({ kind: 'any', parts })

/** `participant.attributes.tier` → `participant.attributes` and `tier`. */
export function placeOf(field: string): readonly [object: string, name: string] {
  const dot = field.lastIndexOf('.')
  return [field.slice(0, dot), field.slice(dot + 1)]
}
