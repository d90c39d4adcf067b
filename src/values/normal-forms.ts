import { DateTime } from 'luxon'

/**
 * The normal forms of values that senders spell in different ways. Pure; each function returns undefined for a value it
 * cannot read.
 */

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

export const isUuid = (text: string): boolean => uuid.test(text)

/** UUIDs are compared without regard to case (RFC 9562, 4), so they are lower case here; any other id stays as it is. */
export const lowerCaseUuid = (id: string): string =>
  id.length === 36 && /[A-F]/.test(id) && isUuid(id) ? id.toLowerCase() : id

/** A media type, direction or purpose: lower case, without surrounding spaces. Genesys writes `VOICE` in one place and `voice` in another. */
export const word = (text: string): string | undefined => text.trim().toLowerCase() || undefined

const template =
  /^\s*(\$!?\{[^{}]*\}|\$!?esc\.\w+\([\s\S]*\)|\$!?input\.[\w.]+|\{\{[\s\S]*\}\}|<aws\.[\w.-]+>)\s*$/

/**
 * Whether the value is, as a whole, a template that its author's tool did not fill in: `${input.queueId}`, `$!{queueId}`,
 * `$esc.jsonString(…)`, `$!esc.jsonString(…)`, `$input.queueId`, `{{queueId}}`, `<aws.events.event.json>`.
 */
export function isUnfilledTemplate(value: unknown): boolean {
  if (typeof value !== 'string') return false
  // Asked of every text of every event: nearly all begin with a letter, a digit or `+`.
  const first = value.charCodeAt(0)
  return (first === 0x24 || first === 0x3c || first === 0x7b || first <= 0x20) && template.test(value)
}

/**
 * Times outside the years 2000 to 2099 are placeholders (the epoch itself) or numbers in another unit or calendar, and would
 * order their event before or after all others.
 */
const earliestEpochMs = Date.UTC(2000)
const latestEpochMs = Date.UTC(2100)

/** Longer than any date, so that a long text costs nothing. */
const maxTimeLength = 64

/** How many of each unit a millisecond has: ns, µs, ms, s. The numbers of this century lie in different ranges for each. */
const unitsPerMs = [1e6, 1e3, 1, 1e-3] as const

function ofNumber(epoch: number): number | undefined {
  for (const perMs of unitsPerMs) {
    const epochMs = plausible(Math.trunc(perMs < 1 ? epoch * 1_000 : epoch / perMs))
    if (epochMs !== undefined) return epochMs
  }
  return undefined
}

/** What `Date.parse` reads correctly: it would take February 30 for March 2. */
const plainIso = /^\d{4}-\d{2}-(?:[01]\d|2[0-8])T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?$/
const hasOffset = /[+-]\d{2}:\d{2}$/

/**
 * A time as epoch milliseconds: a number or digits in epoch seconds (also fractional), ms, µs or ns; ISO 8601 (with a space for
 * the `T`, without a zone: UTC); RFC 2822. Undefined: it is none of these, not a real date, or not in the years 2000 to 2099.
 */
export function timeOf(value: unknown): number | undefined {
  if (typeof value === 'number') return ofNumber(value)
  if (typeof value !== 'string' || value.length > maxTimeLength) return undefined
  if (plainIso.test(value))
    return plausible(Date.parse(value.endsWith('Z') || hasOffset.test(value) ? value : `${value}Z`))
  const text = value.trim()
  if (/^\d{9,}(\.\d+)?$/.test(text)) return ofNumber(Number(text))
  if (/^\d{4}-?\d{2}/.test(text)) {
    const iso = text.replace(/\s+(?=[+-]\d|Z$)/i, '').replace(/^(\S+)\s+/, '$1T')
    return plausible(DateTime.fromISO(iso.toUpperCase(), { zone: 'utc' }).toMillis())
  }
  return plausible(DateTime.fromRFC2822(text, { zone: 'utc' }).toMillis())
}

/** Undefined for `NaN` too. */
const plausible = (epochMs: number): number | undefined =>
  epochMs >= earliestEpochMs && epochMs < latestEpochMs ? epochMs : undefined
