import type { SyntaxNode } from '../syntax/syntax.ts'

/** A function that expressions can call. */
export interface FunctionDefinition {
  /**
   * As the CEL library takes it: `hash(string): string`, or for a method `string.lower(): string`. A name that starts with
   * `_` cannot be called by rules.
   */
  readonly signature: string
  /** The function of CEL itself, by its signature, in whose place this one is called. */
  readonly insteadOf?: string
  /** Arguments that must be quoted texts, by position; the text before a method's dot does not count. */
  readonly quoted?: readonly number[]
  /**
   * Looks at the arguments when the rules are loaded: the quoted texts, undefined for every other one. Runs before any
   * `evaluate`.
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
 * A function that gets its arguments unevaluated. `expand` is called for each place where an expression calls it, and
 * returns what stands there: the library calls `typeCheck` when the rules are loaded, `evaluate` for each event.
 */
export interface MacroDefinition {
  readonly signature: string
  expand(call: { readonly args: readonly SyntaxNode[] }): Macro
}

export interface Macro {
  typeCheck(checker: TypeChecker, macro: unknown, context: unknown): unknown
  evaluate(evaluator: Evaluator, macro: unknown, context: unknown): unknown
  /** Nothing here waits; the library would otherwise make room for it. */
  readonly async: false
}

/** The library's, as far as macros need it. A type is the library's own object. */
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
