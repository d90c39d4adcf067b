/** The codes of `ExpressionFailure` that authors meet; any other stands for itself. */
const failures: ReadonlyMap<string, string> = new Map([
  ['no_such_key', 'the event has no such field'],
  ['no_such_overload', 'a value has another type'],
  ['no_matching_overload', 'a value has another type'],
  ['not_text', 'a value has no form as text'],
  ['too_long', 'a text is too long'],
  ['invalid_json', 'a text is not valid JSON'],
  ['too_deep', 'a JSON text is nested too deeply'],
  ['too_costly', 'it is too much work'],
])

/** Why an expression has no answer, for a person. */
export const failureInWords = (code: string): string => {
  const words = code.endsWith('_conversion_error') ? 'a value cannot be converted' : failures.get(code)
  return words === undefined ? code : `${words} (${code})`
}
