import { html } from 'htm/preact'
import { Time } from './time.js'

/** @import { AuditEntry } from '../../answer-types.ts' */

/** The log line of a change. @param {{ entry: AuditEntry }} properties */
export const AuditLine = ({ entry }) => {
  const fields = Object.entries(entry.fields).filter(([, value]) => value !== null)
  return html`<p class="audit">
    <${Time} at=${entry.at} /> <strong>${entry.message}</strong>, from <code>${entry.from}</code>
    ${fields.map(([name, value]) => html`, ${name}: <bdi>${String(value)}</bdi>`)}
  </p>`
}
