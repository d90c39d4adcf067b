import { html } from 'htm/preact'
import { formatCount } from '../core/format.js'
import { Empty } from '../parts/notice.js'

/** @import { RulesAnswer } from '../../answer-types.ts' */

/** @param {{ rules: RulesAnswer['rules'] }} properties */
export const RuleTable = ({ rules }) =>
  rules.length === 0
    ? html`<${Empty} title="No rules">The rules file has no rules, so the service ignores every event. Add one to RULES_FILE.<//>`
    : html`<div class="scroll" tabindex="0" role="region" aria-label="Rules in force"><table>
          <thead><tr>
            <th scope="col">Rule</th><th scope="col">Listens to</th><th scope="col">Condition</th><th scope="col">Sets</th>
            <th scope="col" class="number">Matched</th><th scope="col" class="number">Undecided</th><th scope="col" class="number">Failed</th>
          </tr></thead>
          <tbody>
            ${rules.map(
              ({
                name,
                on,
                when,
                target,
                priority,
                sets,
                matched,
                undecided,
                failed,
              }) => html`<tr key=${name}>
                <th scope="row"><bdi>${name}</bdi>${priority === 'normal' ? '' : html` <span class="badge calm">${priority} priority</span>`}</th>
                <td data-label="Listens to">${on.map((name) => html`<code class="topic">${name}</code> `)}</td>
                <td data-label="Condition">${when === null ? 'always' : html`<code class="source">${when}</code>`}${target && html`<div class="note">on the participant with <code>${target}</code></div>`}</td>
                <td data-label="Sets"><code>${sets.join(', ')}</code></td>
                <td data-label="Matched" class="number">${formatCount(matched)}</td>
                <td data-label="Undecided" class="number">${formatCount(undecided)}</td>
                <td data-label="Failed" class=${`number ${failed > 0 ? 'bad' : ''}`}>${formatCount(failed)}</td>
              </tr>`,
            )}
          </tbody>
        </table></div>
        <p class="note">Counts are since the start of the service; an event that is tried again counts each time. Undecided: the rule had no result and counted as no match, usually because the event lacks a field. That is normal for a rule that reads a field which only some events have; it is a problem if the rule should have matched: the page of such an event names the missing field. Failed: no field was missing, but a value had the wrong type, or the rule waits for a lookup or a target.</p>`
