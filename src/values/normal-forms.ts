import { DateTime } from 'luxon'

/**
 * Normalises values that senders write in different forms. Each function is pure and returns undefined for an unreadable
 * value.
 */

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

export const isUuid = (text: string): boolean => uuid.test(text)

/** UUIDs are case-insensitive (RFC 9562, 4), so they become lower case. Every other id is returned unchanged. */
export const lowerCaseUuid = (id: string): string =>
  id.length === 36 && /[A-F]/.test(id) && isUuid(id) ? id.toLowerCase() : id

/** A media type, direction or purpose in lower case, without surrounding spaces. Genesys Cloud uses both `VOICE` and `voice`. */
export const word = (text: string): string | undefined => text.trim().toLowerCase() || undefined

const template =
  /^\s*(\$!?\{[^{}]*\}|\$!?esc\.\w+\([\s\S]*\)|\$!?input\.[\w.]+|\{\{[\s\S]*\}\}|<aws\.[\w.-]+>)\s*$/

/**
 * Whether the whole value is a template that the sender's tool did not fill in: `${input.queueId}`, `$!{queueId}`,
 * `$esc.jsonString(…)`, `$!esc.jsonString(…)`, `$input.queueId`, `{{queueId}}`, `<aws.events.event.json>`.
 */
export function isUnfilledTemplate(value: unknown): boolean {
  if (typeof value !== 'string') return false
  // A fast check, since it runs for every string of every event and nearly all start with a letter, a digit or `+`.
  const first = value.charCodeAt(0)
  return (first === 0x24 || first === 0x3c || first === 0x7b || first <= 0x20) && template.test(value)
}

/** Whether a value is text that its sender filled in: neither blank nor an unfilled template. */
export const isFilledText = (value: unknown): value is string =>
  typeof value === 'string' && value.trim() !== '' && !isUnfilledTemplate(value)

/**
 * A time outside the years 2000 to 2099 is a placeholder (the epoch itself) or a number in another unit or calendar. It would
 * sort its event before or after all others.
 */
const earliestEpochMs = Date.UTC(2000)
const latestEpochMs = Date.UTC(2100)

/** Longer than any date. Longer strings are not parsed. */
const maxTimeLength = 64

/** Units per millisecond: ns, µs, ms, s. Times of this century are in a different number range for each unit. */
const unitsPerMs = [1e6, 1e3, 1, 1e-3] as const

function fromEpoch(epoch: number): number | undefined {
  for (const perMs of unitsPerMs) {
    const epochMs = inValidYears(Math.trunc(perMs < 1 ? epoch * 1_000 : epoch / perMs))
    if (epochMs !== undefined) return epochMs
  }
  return undefined
}

/** ISO forms that `Date.parse` reads correctly. Days above 28 are left out, since it reads February 30 as March 2. */
const plainIso = /^\d{4}-\d{2}-(?:[01]\d|2[0-8])T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?$/
const hasOffset = /[+-]\d{2}:\d{2}$/

/**
 * Reads a time as epoch milliseconds. Accepts a number or digits in epoch seconds (also fractional), ms, µs or ns; ISO 8601
 * (also with a space for the `T`; UTC if it has no zone); and RFC 2822. Returns undefined for any other form, an impossible date, or a
 * year outside 2000 to 2099.
 */
export function timeOf(value: unknown): number | undefined {
  if (typeof value === 'number') return fromEpoch(value)
  if (typeof value !== 'string' || value.length > maxTimeLength) return undefined
  if (plainIso.test(value))
    return inValidYears(Date.parse(value.endsWith('Z') || hasOffset.test(value) ? value : `${value}Z`))
  const text = value.trim()
  if (/^\d{9,}(\.\d+)?$/.test(text)) return fromEpoch(Number(text))
  if (/^\d{4}-?\d{2}/.test(text)) {
    const iso = text.replace(/\s+(?=[+-]\d|Z$)/i, '').replace(/^(\S+)\s+/, '$1T')
    return inValidYears(DateTime.fromISO(iso.toUpperCase(), { zone: 'utc' }).toMillis())
  }
  return inValidYears(DateTime.fromRFC2822(text, { zone: 'utc' }).toMillis())
}

/** Also returns undefined for `NaN`. */
const inValidYears = (epochMs: number): number | undefined =>
  epochMs >= earliestEpochMs && epochMs < latestEpochMs ? epochMs : undefined
