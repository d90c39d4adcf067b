import type { TemplatePart } from '../../cel/template.ts'
import type { Condition } from '../file/condition.ts'

/** A mapping that passed every check. */
export interface CompiledMapping {
  readonly name: string
  readonly when: Condition | undefined
  /** Its `when` is `true`: it matches every item except envelopes of Genesys Cloud. */
  readonly matchesEverything: boolean
  /** Matching items are valid and ignored; `fields` is empty. */
  readonly ignore: boolean
  readonly fields: readonly MappedField[]
}

/** The type of a field: text, or a value that is a time or a map. */
export type FieldKind = 'text' | 'attribute' | 'time' | 'attributes'

/** One field of the event with the template that reads it from the item. */
export interface MappedField {
  /** In the event: `['participant', 'address']`. */
  readonly path: readonly string[]
  readonly kind: FieldKind
  /** Whether an item without it is invalid. */
  readonly required: boolean
  /** As in the rules file. */
  readonly source: string
  readonly parts: readonly TemplatePart[]
}

/** The text of a field without expressions; undefined if it has any. */
export const constantOf = ({ parts }: MappedField): string | undefined =>
  parts.every((part) => typeof part === 'string') ? parts.join('') : undefined
