import { splitList } from './schemas.ts'

type Given = Readonly<Record<string, string | undefined>>

/** Warns about secrets that look like a placeholder or a quoting mistake. Names an entry by position, never by value. */
export function secretWarnings(given: Given): string[] {
  const inLists = ['WEBHOOK_SECRETS', 'WEBHOOK_TOKENS'].flatMap((name) =>
    splitList(given[name] ?? '').map((value, index) => ({ subject: `${name} entry ${index + 1}`, value })),
  )
  return [...inLists, { subject: 'ADMIN_TOKEN', value: given.ADMIN_TOKEN ?? '' }].flatMap(
    ({ subject, value }) => {
      const warning = warningFor(value)
      return warning === undefined ? [] : [`${subject} ${warning}`]
    },
  )
}

function warningFor(value: string): string | undefined {
  if (/^["']|["']$/.test(value))
    return 'begins or ends with a quotation mark, which counts as part of the value'
  if (/^(<.*>|\$\{.*\}|\{\{.*\}\})$|^(change|replace)[-_ ]?me|^your[-_ ]/i.test(value))
    return 'looks like a placeholder: replace it with a secret of your own, such as the output of "openssl rand -base64 32"'
  return undefined
}
