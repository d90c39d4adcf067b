import { html } from 'htm/preact'
import { Badge } from './badge.js'

/** @import { RuleTrace, Trace } from '../../answer-types.ts' */

/** @type {Readonly<Record<string, string>>} */
const meanings = {
  matched: 'matched',
  unmatched: 'not matched',
  undecided: 'undecided',
  needs: 'waits for data',
  blocked: 'blocked',
  not_listening: 'listens to other events',
}

/** Why each rule matched or not. @param {{ trace: Trace, isPending?: boolean }} properties `isPending`: the rules run later, at delivery. */
export const TraceView = ({ trace, isPending = false }) =>
  trace.rules.length === 0
    ? html`<p class="note">The rules file has no rules.</p>`
    : html`<ol class="trace">
        ${trace.rules.map((rule) => html`<li key=${rule.rule}><${RuleLine} rule=${rule} isPending=${isPending} /></li>`)}
      </ol>`

/** @param {{ rule: RuleTrace, isPending: boolean }} properties */
const RuleLine = ({ rule, isPending }) => html`
  <div class="line"><${Badge} state=${rule.result} words=${isPending && rule.result === 'matched' ? 'would match' : meanings[rule.result]} /> <bdi class="name">${rule.rule}</bdi></div>
  ${reasonsOf(rule).map((reason) => html`<div class="reason">${reason}</div>`)}
`

/** @param {RuleTrace} rule */
function reasonsOf(rule) {
  const { missing = [], unusable = [], sets = [], needs = [], candidates = [], because, code } = rule
  return [
    missing.length > 0 &&
      html`<strong>Missing field: <code>${missing.join(', ')}</code></strong>. The event does not have it.`,
    unusable.length > 0 &&
      html`Not usable: <code>${unusable.join(', ')}</code>, such as a value of another type.`,
    because !== undefined &&
      html`${rule.result === 'undecided' ? 'In the condition' : 'Not true'}: <code>${because}</code>`,
    code !== undefined && missing.length === 0 && html`Code: <code>${code}</code>`,
    needs.length > 0 && html`Reads first: ${needs.join(', ')}`,
    sets.length > 0 &&
      html`Sets <code>${sets.join(', ')}</code>${rule.participantId ? html` on participant <code>${rule.participantId}</code>` : ''}`,
    candidates.length > 0 &&
      html`Participants: ${candidates.map(({ id, purpose, fits }) => `${purpose ?? 'no purpose'} ${id}: ${fits ? 'fits' : 'does not fit'}`).join('; ')}`,
  ].filter((reason) => reason !== false)
}
