/** A mistake in an expression, found while the rules are loaded. `offset`: in characters, from the start of the expression. */
export class ExpressionMistake extends Error {
  readonly offset: number

  constructor(message: string, offset: number) {
    super(message)
    this.name = 'ExpressionMistake'
    this.offset = offset
  }
}
