import { html } from 'htm/preact'
import { auditWords } from './audit-words.js'
import { Time } from './time.js'

/** @import { AuditEntry } from '../../answer-types.ts' */

/** A change by an operator, with the message of its log line. @param {{ entry: AuditEntry }} properties */
export const AuditLine = ({ entry }) => html`<p class="audit">
  <${Time} at=${entry.at} /> <strong>${entry.message}</strong>, from <code>${entry.from}</code>
  ${auditWords(entry).map((words) => html`, <bdi>${words}</bdi>`)}
</p>`
