import type { SyntaxNode } from '../syntax/syntax.ts'
import type { ExpressionScope, VariableFields } from '../variables.ts'

/** A mistake that the CEL library reports. */
export interface LibraryMistake {
  /** The library's error code. The choice of the message depends only on the code and the syntax. */
  readonly code: string
  /** The library's message, used if there is no better one. */
  readonly summary: string
  /** In characters, from the start of the expression. */
  readonly offset: number
  /** Present if the expression could be parsed. */
  readonly node: SyntaxNode | undefined
}

/** `offset` can be more precise than that of the library. */
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
  /** The CEL type before the dot; undefined for a function without a receiver. */
  readonly receiver: string | undefined
  readonly parameters: readonly string[]
}
