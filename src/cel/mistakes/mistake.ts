import type { SyntaxNode } from '../syntax/syntax.ts'
import type { ExpressionScope, VariableFields } from '../variables.ts'

/** A mistake that the CEL library found. */
export interface LibraryMistake {
  /** The library's error code. Only this and the syntax decide which message is shown. */
  readonly code: string
  /** The library's message, shown where there is nothing better. */
  readonly summary: string
  /** Characters from the start of the expression. */
  readonly offset: number
  /** Present if the expression could be parsed. */
  readonly node: SyntaxNode | undefined
}

/** `offset` may be more exact than the library's. */
export interface Description {
  readonly message: string
  readonly offset: number
}

/** Names that an expression can use, for "did you mean". */
export interface KnownNames {
  readonly scope: ExpressionScope
  readonly variables: VariableFields
  readonly functions: readonly KnownFunction[]
}

export interface KnownFunction {
  readonly name: string
  /** CEL type before the dot; undefined for a function without one. */
  readonly receiver: string | undefined
  readonly parameters: readonly string[]
}
