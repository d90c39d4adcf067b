/** `1 rule`, `1,204 rows`. */
export const count = (number: number, noun: string, plural = `${noun}s`): string =>
  `${number.toLocaleString('en-US')} ${number === 1 ? noun : plural}`

/** A value as messages show it: one line, in quotes. */
export const quoted = (value: string): string => JSON.stringify(value)
