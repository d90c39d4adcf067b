import type { TemplatePart } from '../../cel/template.ts'
import type { Condition } from '../file/condition.ts'

/** A mapping that passed every check. */
export interface CompiledMapping {
  readonly name: string
  readonly when: Condition | undefined
  /** Its `when` is `true`: it takes what is left, but no envelopes of Genesys Cloud. */
  readonly fitsAll: boolean
  /** Items that fit are valid and ignored; then there are no fields. */
  readonly ignore: boolean
  readonly fields: readonly MappedField[]
}

/** What a field has to be: joined as text, or a value that is a time or a map. */
export type FieldKind = 'text' | 'attribute' | 'time' | 'attributes'

/** One field of the event, and where the item tells it. */
export interface MappedField {
  /** In the event: `['participant', 'address']`. */
  readonly path: readonly string[]
  readonly kind: FieldKind
  /** Without it there is no event. */
  readonly required: boolean
  /** As it is written in the rules file. */
  readonly source: string
  readonly parts: readonly TemplatePart[]
}

/** The text of a field that is the same for every item; undefined if it is not. */
export const constantOf = ({ parts }: MappedField): string | undefined =>
  parts.every((part) => typeof part === 'string') ? parts.join('') : undefined
