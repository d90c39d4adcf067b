/**
 * An expression has no answer for an event. Nothing but `code` is told, since a message of the library can hold values.
 * The codes are those of the CEL library (`no_such_key`, `no_such_overload`, `division_by_zero` …) and these:
 * `too_costly`: the budget of one evaluation is used up; `too_long`: a text is longer than its place allows;
 * `invalid_json` and `too_deep`: of `json( )`;
 * `not_text`: a value that no attribute can have; `evaluation_failed`: anything else.
 */
export class ExpressionFailure extends Error {
  readonly code: string

  constructor(code: string) {
    super(code)
    this.name = 'ExpressionFailure'
    this.code = code
  }
}

/** Why an evaluation gave no answer, for counting and logs: a code, never a value. */
export const failureCode = (error: unknown): string =>
  error instanceof ExpressionFailure ? error.code : 'evaluation_failed'
