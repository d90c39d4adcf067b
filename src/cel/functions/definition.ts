import type { SyntaxNode } from '../syntax/syntax.ts'

/** A function that expressions can call. */
export interface FunctionDefinition {
  /**
   * The signature for the CEL library: `hash(string): string`, or for a method `string.lower(): string`. Rules cannot call a
   * name that starts with `_`.
   */
  readonly signature: string
  /** The signature of the CEL function that this one replaces. */
  readonly insteadOf?: string
  /** Positions of the arguments that must be quoted texts; the receiver of a method does not count. */
  readonly quoted?: readonly number[]
  /**
   * Checks the arguments when the rules are loaded, before any `evaluate`. `texts`: the quoted texts; undefined for other
   * arguments.
   */
  readonly check?: (texts: readonly (string | undefined)[]) => ArgumentProblem | undefined
  /** Called with text as string, int as bigint, double as number, time as Date. Throws `ExpressionFailure`. */
  evaluate(...values: unknown[]): unknown
}

export interface ArgumentProblem {
  readonly argument: number
  readonly message: string
}

/**
 * A function that gets its arguments unevaluated. The library calls `expand` for each call in an expression, then
 * `typeCheck` when the rules are loaded and `evaluate` for each event.
 */
export interface MacroDefinition {
  readonly signature: string
  expand(call: { readonly args: readonly SyntaxNode[] }): Macro
}

export interface Macro {
  typeCheck(checker: TypeChecker, macro: unknown, context: unknown): unknown
  evaluate(evaluator: Evaluator, macro: unknown, context: unknown): unknown
  /** Macros are synchronous; otherwise the library prepares for promises. */
  readonly async: false
}

/** The part of the library's type checker that macros need. */
export interface TypeChecker {
  check(node: SyntaxNode, context: unknown): CheckedType
}
export interface CheckedType {
  readonly name: string
  readonly kind: string
}
export interface Evaluator {
  run(node: SyntaxNode, context: unknown): unknown
}
