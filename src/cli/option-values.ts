import { InvalidArgumentError } from 'commander'
import { deadLetterErrors } from '../dead-letter-errors.ts'
import { readBaseUrl } from '../http/base-url.ts'
import { suggest } from '../values/messages.ts'

/** Parses the value of an option that is a whole number. */
export function wholeNumber(min: number, max = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const number = Number(text)
    if (/^\d+$/.test(text) && number >= min && number <= max) return number
    const range = max === Number.MAX_SAFE_INTEGER ? `${min} or more` : `${min} to ${max}`
    throw new InvalidArgumentError(`Must be a whole number, ${range}.`)
  }
}

const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** For the help of every `--since`. */
export const sinceForms = '90s, 30m, 1h or 2d before now, or an ISO 8601 time (UTC without a zone)'

/** Parses an ISO 8601 time, or a duration before `now` such as `30m`, to epoch milliseconds. */
export function since(text: string, now: number): number {
  const [, amount, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? []
  const at = amount === undefined ? timeOrRefuse(text) : now - Number(amount) * (unitMs[unit] ?? 0)
  // Nothing can have happened since then, so an empty list would mislead.
  if (at >= now) throw new InvalidArgumentError('Must be in the past. A time without a zone is UTC.')
  return at
}

/** Times without a zone are UTC. */
function timeOrRefuse(text: string): number {
  const [, date, clock = 'T00:00', zone = 'Z'] =
    /^(\d{4}-\d{2}-\d{2})(T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?(Z|[+-]\d{2}:\d{2})?$/i.exec(text) ?? []
  const epochMs = date === undefined ? Number.NaN : Date.parse(`${date}${clock}${zone}`)
  if (!Number.isNaN(epochMs)) return epochMs
  throw new InvalidArgumentError(
    'Must be a duration before now such as 90s, 30m, 1h or 2d, or an ISO 8601 time such as 2026-01-31T09:30:00Z. A time without a zone is UTC.',
  )
}

/** Parses an http:// or https:// URL, without a slash at its end. */
export function httpUrl(text: string): string {
  const url = readBaseUrl(text)
  if (url !== undefined) return url
  throw new InvalidArgumentError(
    'Must be an http:// or https:// URL without user, password, query or fragment, such as http://localhost:8080.',
  )
}

const deadLetterCodes = Object.keys(deadLetterErrors)

/** Checks the code of dead letters, because a misspelled one would match none. */
export function deadLetterCode(text: string): string {
  if (deadLetterCodes.includes(text)) return text
  const similar = suggest(text, deadLetterCodes)
  throw new InvalidArgumentError(
    `Dead letters have the codes ${deadLetterCodes.join(', ')}.${similar === undefined ? '' : ` Did you mean ${similar}?`}`,
  )
}
