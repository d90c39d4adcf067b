/** What is wrong with an expression, found while the rules are loaded; `offset`: characters from its start. */
export class ExpressionMistake extends Error {
  readonly offset: number

  constructor(message: string, offset: number) {
    super(message)
    this.name = 'ExpressionMistake'
    this.offset = offset
  }
}
