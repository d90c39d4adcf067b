import { formatCount, formatDuration, formatTime } from '../core/format.js'

/** @import { AuditEntry } from '../../answer-types.ts' */

/** The fields of a change in words; those of a filter as `code: expired`. @param {Pick<AuditEntry, 'at' | 'fields'>} entry */
export function auditWords({ at, fields }) {
  const { count, requested, all, since, ...others } = fields
  const words = Object.entries({ ...others, ...(count !== undefined && { since }) })
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([name, value]) => `${name}: ${value}`)
  if (typeof count !== 'number') return typeof since === 'string' ? [pauseWords(since, at), ...words] : words
  const part = typeof requested === 'number' ? ` of ${formatCount(requested)} requested` : all ? ' (all)' : ''
  return [`${formatCount(count)}${part}`, ...words]
}

/** Only the end of a pause has a start and no count. @param {string} since @param {string} at */
const pauseWords = (since, at) =>
  `after a pause of ${formatDuration(Date.parse(at) - Date.parse(since))} (from ${formatTime(since)})`
