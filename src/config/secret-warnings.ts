type Given = Readonly<Record<string, string | undefined>>

/** Secrets that are long enough but probably a mistake. Warnings name the entry by position and never show its value. */
export function secretWarnings(given: Given): string[] {
  const inLists = ['WEBHOOK_SECRETS', 'WEBHOOK_TOKENS'].flatMap((name) =>
    (given[name] ?? '')
      .split(',')
      .map((entry) => entry.trim())
      .filter((entry) => entry !== '')
      .map((value, index) => ({ subject: `${name} entry ${index + 1}`, value })),
  )
  return [...inLists, { subject: 'ADMIN_TOKEN', value: given.ADMIN_TOKEN ?? '' }].flatMap(
    ({ subject, value }) => {
      const doubt = doubtAbout(value)
      return doubt === undefined ? [] : [`${subject} ${doubt}`]
    },
  )
}

function doubtAbout(value: string): string | undefined {
  if (/^["']|["']$/.test(value))
    return 'begins or ends with a quotation mark, which counts as part of the value'
  if (/^(<.*>|\$\{.*\}|\{\{.*\}\})$|^(change|replace)[-_ ]?me|^your[-_ ]/i.test(value))
    return 'looks like a placeholder: replace it with a value of your own, such as from "openssl rand -base64 32"'
  return undefined
}
