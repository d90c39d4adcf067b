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
