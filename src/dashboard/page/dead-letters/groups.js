import { html } from 'htm/preact'
import { formatCount, shorten } from '../core/format.js'
import { Time } from '../parts/time.js'

/** @import { DeadLetter } from '../../answer-types.ts' */
/** @typedef {{ key: string, code: string, rules: string, remedy: string, letters: readonly DeadLetter[] }} Group */

/** @param {DeadLetter} letter */
const rulesOf = ({ rules }) => rules.join(', ')

/** Identifies the group of a letter. @param {DeadLetter} letter */
export const keyOf = (letter) => JSON.stringify([letter.code, letter.rules])

/** Letters by code and rules, the largest group first. @param {readonly DeadLetter[]} letters @returns {readonly Group[]} */
export function groupsOf(letters) {
  return [...Map.groupBy(letters, keyOf)]
    .flatMap(([key, same]) => {
      const [first] = same
      if (first === undefined) return []
      return [
        { key, code: first.code ?? '', rules: rulesOf(first), remedy: first.remedy ?? '', letters: same },
      ]
    })
    .toSorted((one, other) => other.letters.length - one.letters.length)
}

/** @param {{ groups: readonly Group[], current: string, onChoose: (key: string) => void }} properties */
export const Groups = ({ groups, current, onChoose }) => html`<section aria-labelledby="groups">
  <h2 id="groups">By code and rule</h2>
  <ul class="groups">
    ${groups.slice(0, maxGroups).map(
      ({ key, code, rules, remedy, letters }) => html`<li key=${key} class=${key === current ? 'chosen' : ''}>
        <button type="button" aria-pressed=${key === current} onClick=${() => onChoose(key === current ? '' : key)}>
          <b>${formatCount(letters.length)}</b> <code>${code}</code> <bdi>${rules === '' ? 'no rule' : shorten(rules, 80)}</bdi>
        </button>
        <p class="remedy">${remedy}</p>
        <p class="note">Since <${Time} at=${letters[0]?.diedAt} /></p>
      </li>`,
    )}
  </ul>
  ${groups.length > maxGroups && html`<p class="note">The ${maxGroups} largest of ${formatCount(groups.length)} groups.</p>`}
</section>`

const maxGroups = 30
