import type { SyntaxNode } from '../syntax/syntax.ts'
import type { ExpressionScope, VariableFields } from '../variables.ts'

/** What the library found wrong with an expression. */
export interface LibraryMistake {
  /** The library's, which alone decides what is said. */
  readonly code: string
  /** In the library's words; said where nothing better is known. */
  readonly summary: string
  /** Characters from the start of the expression. */
  readonly offset: number
  /** Present if the expression could be read, and its meaning is wrong. */
  readonly node: SyntaxNode | undefined
}

/** In words for somebody who does not program; `offset` may be better than the library's. */
export interface Description {
  readonly message: string
  readonly offset: number
}

/** What there is to be named, for "did you mean". */
export interface KnownNames {
  readonly scope: ExpressionScope
  readonly variables: VariableFields
  readonly functions: readonly KnownFunction[]
}

export interface KnownFunction {
  readonly name: string
  /** The type of CEL before the dot; undefined for a function that is none of a value's own. */
  readonly receiver: string | undefined
  readonly parameters: readonly string[]
}
