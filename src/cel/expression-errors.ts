/** Why an evaluation failed, for logs and traces. Contains names from the rules file, never a value of the event. */
export interface FailureReason {
  /** That of an `ExpressionFailure`. */
  readonly code: string
  /** The fields that are missing. */
  readonly missing?: readonly string[]
  /**
   * The fields that the failed part of the expression reads. One of their values is unusable for it: of the wrong type, too
   * long, or without the key that it needs.
   */
  readonly unusable?: readonly string[]
}

/**
 * The evaluation of an expression failed. Holds only code and fields: messages of the CEL library can contain values of the
 * event. The codes are those of the library (`no_such_key`, `no_such_overload`, `division_by_zero` …) and:
 * - `too_costly`: the evaluation has used up its budget
 * - `too_long`: a string is longer than allowed
 * - `invalid_json`, `too_deep`: `json( )` cannot read its argument
 * - `not_text`: the value has no text form
 * - `evaluation_failed`: anything else
 */
export class ExpressionFailure extends Error {
  readonly reason: FailureReason

  constructor(code: string, fields: Omit<FailureReason, 'code'> = {}) {
    super(code)
    this.name = 'ExpressionFailure'
    this.reason = { code, ...fields }
  }

  get code(): string {
    return this.reason.code
  }
}

const unknownFailure: FailureReason = { code: 'evaluation_failed' }

export const failureReason = (error: unknown): FailureReason =>
  error instanceof ExpressionFailure ? error.reason : unknownFailure

/** The code of a failure, for metrics and logs. Never contains a value. */
export const failureCode = (error: unknown): string => failureReason(error).code

/** The codes of the CEL library for missing data. */
export const missingCodes: ReadonlySet<unknown> = new Set([
  'no_such_key',
  'index_out_of_bounds',
  'optional_value_missing',
])

/** Descriptions of the codes that authors of rules meet. */
const descriptions: ReadonlyMap<string, string> = new Map([
  ['no_such_key', 'the event has no such field'],
  ['no_such_overload', 'a value has the wrong type'],
  ['no_matching_overload', 'a value has the wrong type'],
  ['not_text', 'a value cannot be written as text'],
  ['too_long', 'a text is too long'],
  ['invalid_json', 'a text is not valid JSON'],
  ['too_deep', 'a JSON text is nested too deeply'],
  ['too_costly', 'the evaluation needs too many steps'],
])

/** A failure with its description, for authors of rules. */
export function failureInWords({ code, missing = [], unusable = [] }: FailureReason): string {
  const fields = unusable.join(', ')
  if (missing.length > 0)
    return `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing (${code})`
  if (missingCodes.has(code) && fields !== '') return `there is no entry for the value of ${fields} (${code})`
  const description = code.endsWith('_conversion_error')
    ? 'a value cannot be converted'
    : descriptions.get(code)
  const words = description === undefined ? code : `${description} (${code})`
  return fields === '' ? words : `${words}: ${fields}`
}

/** `offset`: in characters, from the start of the expression. */
export interface Mistake {
  readonly message: string
  readonly offset: number
}

/** A mistake in an expression, found while the rules are loaded. */
export class ExpressionMistake extends Error implements Mistake {
  readonly offset: number

  constructor(message: string, offset: number) {
    super(message)
    this.name = 'ExpressionMistake'
    this.offset = offset
  }
}
