/** A rule in neutral form, which each contender translates. */
export interface BenchRule {
  readonly name: string
  readonly topic: string
  readonly when: Condition
  readonly set: Readonly<Record<string, Value>>
}

export type Condition =
  /** A field of an event or its participant: `participant.address`, `participant.attributes.tier`. */
  | { readonly kind: 'equals' | 'startsWith'; readonly field: string; readonly text: string }
  /** A column of the customer with the participant's address. */
  | { readonly kind: 'column'; readonly column: string; readonly text: string }
  | { readonly kind: 'all' | 'any'; readonly parts: readonly Condition[] }

/** A constant, or a text followed by a field. */
export type Value = string | { readonly text: string; readonly field: string }

export const equals = (field: string, text: string): Condition => ({ kind: 'equals', field, text })
export const startsWith = (field: string, text: string): Condition => ({ kind: 'startsWith', field, text })
export const column = (name: string, text: string): Condition => ({ kind: 'column', column: name, text })
export const all = (...parts: readonly Condition[]): Condition => ({ kind: 'all', parts })
export const any = (...parts: readonly Condition[]): Condition => ({ kind: 'any', parts })

/** `participant.attributes.tier` → `participant.attributes` and `tier`. */
export function splitPath(field: string): readonly [object: string, name: string] {
  const dot = field.lastIndexOf('.')
  return [field.slice(0, dot), field.slice(dot + 1)]
}
